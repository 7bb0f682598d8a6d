"""Signing in by name and password, with a second factor; choosing and changing them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from auscult.domain.access import Account, Session, SignInName
from auscult.domain.actor import Actor
from auscult.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    SecondFactorError,
    UnauthenticatedError,
)
from auscult.domain.ids import ClinicId, UserId
from auscult.domain.via import Via
from auscult.flows import access
from auscult.flows import sign_in_attempts as attempts
from auscult.flows.access import ACCOUNTS, ATTEMPTS, SIGN_IN_NAMES, USERS
from auscult.flows.people import Person, person
from auscult.flows.services import Services
from auscult.stores.records import Delete, Key, Put, Stored, Write
from auscult.trust import passwords, second_factor

FRESH_LINK: Final = timedelta(minutes=15)
"""How long a session that began with a one-time link may set a password without the old one."""
_HASHERS: Final = ThreadPoolExecutor(2, thread_name_prefix="password")
"""Passwords that are looked at at once, of 64 MiB each: a rush at the door must not take the memory of the notes."""
_WRONG: Final = "The name, the password or the code is wrong."


async def set_account(
    services: Services, actor: Actor, session: Session, *, new: str, current: str = "", sign_in_name: str = ""
) -> Person:
    """Set the caller's password, and the name to sign in with when one is given; their other sessions end.

    Raises `ForbiddenError` unless the current password is given, there is none yet, or a one-time link was just used;
    `InvalidError` for a password that is easy to guess; `ConflictError` for a name that is taken.
    """
    records, clinic_id = services.records_of(actor), actor.clinic_id
    stored = await records.table(ACCOUNTS).get(Key("account", session.user_id))
    before = stored.value if stored else Account(user_id=session.user_id, sign_in_name="")
    wanted = " ".join(sign_in_name.split()) or before.sign_in_name
    if not wanted:
        raise InvalidError("A name to sign in with is missing.", remedy="Choose one, such as your e-mail address.")
    fresh = session.by_link and services.ambient.now() - session.created_at <= FRESH_LINK
    if before.password_hash and not fresh:
        await attempts.count(services, clinic_id, attempts.name_hash(before.sign_in_name))
        if not await _matches(before.password_hash, current):
            raise ForbiddenError("The current password is wrong.", remedy="Enter the password that you have now.")
        await attempts.forgive(services, clinic_id, attempts.name_hash(before.sign_in_name))
    passwords.check_strength(new, [wanted, session.name])
    kept = await _hashed(new)
    account = before.model_copy(update={"password_hash": kept, "sign_in_name": wanted})
    writes: list[Write] = [Put(ACCOUNTS, account, if_version=stored.version if stored else 0)]
    if attempts.name_hash(wanted) != attempts.name_hash(before.sign_in_name) or stored is None:
        if before.sign_in_name:
            writes.append(Delete(SIGN_IN_NAMES, Key("name", attempts.name_hash(before.sign_in_name))))
        taken = SignInName(name_hash=attempts.name_hash(wanted), user_id=session.user_id)
        writes.append(Put(SIGN_IN_NAMES, taken, if_version=0))
    others = [one for one in await access.sessions(services, clinic_id, session.user_id) if one.id != session.id]
    try:
        await access.end_sessions(services, actor, others, writes)
    except ConflictError as error:
        raise ConflictError("Somebody signs in with this name already.", remedy="Choose another name.") from error
    return await person(services, clinic_id, session.user_id)


async def sign_in(
    services: Services,
    clinic_id: ClinicId,
    *,
    sign_in_name: str,
    password: str,
    code: str = "",
    agent: str = "",
    via: Via | None = None,
) -> tuple[str, Session]:
    """Begin a session by name and password, and the code of the second factor where there is one.

    Raises `UnauthenticatedError` when something is wrong, without saying what; `SecondFactorError` when only the code
    is missing; `TooManyRequestsError` while the name has to wait.
    """
    hash_ = attempts.name_hash(sign_in_name)
    await attempts.count(services, clinic_id, hash_)
    records = services.records.of(clinic_id)
    found = await records.table(SIGN_IN_NAMES).get(Key("name", hash_))
    stored = await records.table(ACCOUNTS).get(Key("account", found.value.user_id)) if found else None
    user = await records.table(USERS).get(Key("user", found.value.user_id)) if found else None
    right = await _matches(stored.value.password_hash if stored else "", password)
    wrong = UnauthenticatedError(_WRONG, remedy="Try again, or ask your admin for a sign-in link.")
    if not right or stored is None or user is None or user.value.disabled_at is not None:
        raise wrong
    account, writes = stored.value, []
    if account.totp_secret:
        if not code.strip():
            # Not a failure; but it stays counted, or the answer would be a free test of passwords.
            raise SecondFactorError("The code of your second factor is missing.")
        passed = _passed(services, account, code)
        if passed is None:
            raise wrong
        writes.append(Put(ACCOUNTS, passed, if_version=stored.version))
    elif passwords.outdated(account.password_hash):
        anew = account.model_copy(update={"password_hash": await _hashed(password)})
        writes.append(Put(ACCOUNTS, anew, if_version=stored.version))
    forgiven = Delete(ATTEMPTS, Key("attempts", hash_))
    try:
        return await access.open_session(services, clinic_id, user, [*writes, forgiven], agent=agent, via=via)
    except ConflictError as error:  # the same code twice at once, or the account was changed meanwhile
        raise wrong from error


async def begin_second_factor(services: Services, actor: Actor, issuer: str) -> tuple[str, str]:
    """A fresh secret and its `otpauth:` address; it counts once `confirm_second_factor` has seen a code of it."""
    stored = await _account(services, actor)
    secret = second_factor.fresh_secret(services.ambient.secret)
    pending = stored.value.model_copy(update={"totp_pending": secret})
    await services.records_of(actor).table(ACCOUNTS).put(pending, if_version=stored.version)
    return secret, second_factor.provisioning_uri(secret, stored.value.sign_in_name, issuer)


async def confirm_second_factor(services: Services, actor: Actor, code: str) -> tuple[str, ...]:
    """Take the shown secret into use; return the recovery codes, which are shown once.

    Raises `ConflictError` when none was begun, `InvalidError` for a wrong code.
    """
    stored = await _account(services, actor)
    if not stored.value.totp_pending:
        raise ConflictError("No second factor was begun.", remedy="Begin again, and scan the code that is shown.")
    step = second_factor.step_of(stored.value.totp_pending, code, services.ambient.now())
    if step is None:
        raise InvalidError("This code is not right.", remedy="Check the telephone's clock, and enter the newest code.")
    codes = second_factor.fresh_recovery_codes(services.ambient.secret)
    taken = stored.value.model_copy(
        update={
            "totp_secret": stored.value.totp_pending,
            "totp_pending": "",
            "totp_step": step,
            "recovery_hashes": tuple(second_factor.recovery_hash(one) for one in codes),
        }
    )
    await services.records_of(actor).table(ACCOUNTS).put(taken, if_version=stored.version)
    return codes


async def remove_second_factor(services: Services, actor: Actor, user_id: UserId) -> Person:
    """Take the second factor from an account: an admin's, for whoever lost it and the recovery codes too."""
    records, clinic_id = services.records_of(actor), actor.clinic_id
    stored = await records.table(ACCOUNTS).get(Key("account", user_id))
    if stored is None:
        raise NotFoundError("This person has no account.")
    without = stored.value.model_copy(update={"totp_secret": "", "totp_pending": "", "recovery_hashes": ()})
    ended = await access.sessions(services, clinic_id, user_id)
    await access.end_sessions(services, actor, ended, [Put(ACCOUNTS, without, if_version=stored.version)])
    return await person(services, clinic_id, user_id)


async def drop_second_factor(services: Services, actor: Actor, password: str) -> Person:
    """Take off one's own second factor, for the password. Raises `ForbiddenError` when that is wrong."""
    stored = await _account(services, actor)
    hash_ = attempts.name_hash(stored.value.sign_in_name)
    await attempts.count(services, actor.clinic_id, hash_)
    if not await _matches(stored.value.password_hash, password):
        raise ForbiddenError("The password is wrong.", remedy="Enter the password that you have now.")
    await attempts.forgive(services, actor.clinic_id, hash_)
    without = stored.value.model_copy(update={"totp_secret": "", "totp_pending": "", "recovery_hashes": ()})
    await services.records_of(actor).table(ACCOUNTS).put(without, if_version=stored.version)
    return await person(services, actor.clinic_id, actor.user_id)


async def _matches(kept: str, password: str) -> bool:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_HASHERS, passwords.matches, kept, password[: passwords.LONGEST])


async def _hashed(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_HASHERS, passwords.hashed, password)


def _passed(services: Services, account: Account, code: str) -> Account | None:
    """The account after this code was used up; None for a wrong one, and for one that was used already."""
    step = second_factor.step_of(account.totp_secret, code, services.ambient.now())
    if step is not None:
        return account.model_copy(update={"totp_step": step}) if step > account.totp_step else None
    hash_ = second_factor.recovery_hash(code)
    if hash_ not in account.recovery_hashes:
        return None
    left = tuple(one for one in account.recovery_hashes if one != hash_)
    return account.model_copy(update={"recovery_hashes": left})


async def _account(services: Services, actor: Actor) -> Stored[Account]:
    stored = await services.records_of(actor).table(ACCOUNTS).get(Key("account", actor.user_id))
    if stored is None or not stored.value.password_hash:
        raise ConflictError("You have no password yet.", remedy="Choose a name and a password first.")
    return stored
