"""Coming in: one-time sign-in links, browser sessions and API keys.

A token is `<clinic id>.<256 random bits>`: it names its clinic, because nothing can be read without one, and only its
SHA-256 is kept. Passwords and second factors are in `flows.accounts`, single sign-on in `flows.single_sign_on`: all of
them end in `open_session`.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from auscult.domain.access import Account, ApiKey, Attempts, Session, SignInLink, SignInName, User
from auscult.domain.actor import Actor, Role, system_actor
from auscult.domain.audit import COMMAND_LINE, AuditAction, AuditEntity, AuditEvent, AuditKind
from auscult.domain.errors import ConflictError, GoneError, NotFoundError, UnauthenticatedError
from auscult.domain.event import Event
from auscult.domain.ids import ClinicId, SubjectId, UserId, is_id
from auscult.domain.via import Via
from auscult.flows import audit
from auscult.flows.recording_state import all_rows, event
from auscult.flows.services import Services
from auscult.flows.tables import ALL
from auscult.stores.records import ClinicRecords, Delete, Expect, Key, Put, Stored, T, TableSpec, Write

LINK_LIFE: Final = timedelta(minutes=15)
SCREEN_LIFE: Final = timedelta(days=180)
"""How long a waiting-room screen stays signed in: nobody sits there to do it again."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly it is kept when a session was used last."""
ROTATION_OVERLAP: Final = timedelta(hours=24)
"""How long a rotated key is good beside the new one."""
KEY_LIFE: Final = timedelta(days=90)
"""Keys rotate every 90 days."""
ACCESS_CHANGED: Final = "access_changed"
"""The event of a session or a key that was ended: whoever has been let in is asked again. It names nobody."""
_STAFF: Final = SubjectId("staff")


def _expiry(one: SignInLink | Session) -> Key:
    return Key(ALL, f"{one.expires_at.isoformat()}/{one.token_hash}")


USERS: Final[TableSpec[User]] = TableSpec(
    name="user", model=User, key=lambda user: Key("user", user.id), subject=lambda _user: _STAFF
)
LINKS: Final[TableSpec[SignInLink]] = TableSpec(
    name="sign_in_link",
    model=SignInLink,
    key=lambda link: Key("link", link.token_hash),
    subject=lambda _link: _STAFF,
    indexes={"expires": _expiry},
)
SESSIONS: Final[TableSpec[Session]] = TableSpec(
    name="session",
    model=Session,
    key=lambda one: Key("session", one.token_hash),
    subject=lambda _one: _STAFF,
    indexes={"expires": _expiry},
)
ATTEMPTS: Final[TableSpec[Attempts]] = TableSpec(
    name="sign_in_attempts",
    model=Attempts,
    key=lambda one: Key("attempts", one.name_hash),
    subject=lambda _one: _STAFF,
    indexes={"last": lambda one: Key(ALL, f"{one.last_at.isoformat()}/{one.name_hash}")},
)
ACCOUNTS: Final[TableSpec[Account]] = TableSpec(
    name="account", model=Account, key=lambda one: Key("account", one.user_id), subject=lambda _one: _STAFF
)
SIGN_IN_NAMES: Final[TableSpec[SignInName]] = TableSpec(
    name="sign_in_name", model=SignInName, key=lambda one: Key("name", one.name_hash), subject=lambda _one: _STAFF
)
API_KEYS: Final[TableSpec[ApiKey]] = TableSpec(
    name="api_key", model=ApiKey, key=lambda one: Key("api_key", one.token_hash), subject=lambda _one: _STAFF
)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom a token lets in, and until when, unless it is ended before.

    `scopes` are what a key is limited to (None: all that the role may), `session` the session that it is.
    """

    actor: Actor
    expires_at: datetime
    scopes: frozenset[str] | None = None
    session: Session | None = None


async def owner(services: Services, clinic_id: ClinicId, name: str) -> User:
    """The clinic's first user, made at first start: a doctor, so that notes can be signed, who administers it."""
    table = services.records.of(clinic_id).table(USERS)
    page = await table.query("user", limit=1)
    try:
        if page.items:
            first = page.items[0]
            if not first.value.administers and not await _has_admin(services, clinic_id):
                # of a clinic that is older than this right: nobody else could let anybody in
                return (
                    await table.put(first.value.model_copy(update={"administers": True}), if_version=first.version)
                ).value
            return first.value
        user = User(
            id=UserId(services.ambient.new_id("USR")),
            name=name,
            role=Role.DOCTOR,
            administers=True,
            created_at=services.ambient.now(),
        )
        return (await table.put(user, if_version=0)).value
    except ConflictError:
        return await owner(services, clinic_id, name)


async def _has_admin(services: Services, clinic_id: ClinicId) -> bool:
    users = await all_rows(services.records.of(clinic_id), USERS, "user")
    return any((one.administers or one.role is Role.ADMIN) and one.disabled_at is None for one in users)


async def make_link(services: Services, clinic_id: ClinicId, user: User) -> str:
    """Make a one-time sign-in token for a user; valid for `LINK_LIFE`."""
    token = _fresh_token(services, clinic_id)
    link = SignInLink(token_hash=token_hash(token), user_id=user.id, expires_at=services.ambient.now() + LINK_LIFE)
    await services.records.of(clinic_id).table(LINKS).put(link, if_version=0)
    return token


async def make_link_for(services: Services, actor: Actor) -> str:
    """Make a one-time token with which the actor signs in once more, on another device. Raises `NotFoundError`."""
    found = await services.records_of(actor).table(USERS).get(Key("user", actor.user_id))
    if found is None:
        raise NotFoundError("Only a person can sign in on a phone.")
    return await make_link(services, actor.clinic_id, found.value)


async def sign_in(services: Services, token: str, agent: str = "", via: Via | None = None) -> tuple[str, Session]:
    """Exchange a one-time token for a session; return the session's own token with it.

    Raises `GoneError` when it was used or has expired, `UnauthenticatedError` when it never was ours.
    """
    records = services.records.of(_clinic_of(token))
    stored = await records.table(LINKS).get(Key("link", token_hash(token)))
    gone = GoneError(
        "This sign-in link was used already or has expired.", remedy="Run `auscult sign-in-link` for a new one."
    )
    if stored is None or stored.value.expires_at <= services.ambient.now():
        raise gone
    found = await records.table(USERS).get(Key("user", stored.value.user_id))
    if found is None or found.value.disabled_at is not None:
        raise gone
    used = Delete(LINKS, Key("link", stored.value.token_hash), if_version=stored.version)
    try:
        return await open_session(services, records.clinic_id, found, [used], agent=agent, by_link=True, via=via)
    except ConflictError as error:
        raise gone from error


async def open_session(
    services: Services,
    clinic_id: ClinicId,
    user: Stored[User],
    writes: Sequence[Write] = (),
    *,
    agent: str = "",
    by_link: bool = False,
    via: Via | None = None,
) -> tuple[str, Session]:
    """Begin a session of a user, with `writes` in the same transaction; return its token with it.

    Raises `ConflictError` when one of the writes does not hold, or the user was changed meanwhile.
    """
    token, now = _fresh_token(services, clinic_id), services.ambient.now()
    life = SCREEN_LIFE if user.value.role is Role.DISPLAY else timedelta(seconds=services.limits.session_seconds)
    session = Session(
        token_hash=token_hash(token),
        id=services.ambient.new_id("SES"),
        user_id=user.value.id,
        name=user.value.name,
        role=user.value.role,
        administers=user.value.administers,
        created_at=now,
        expires_at=now + life,
        seen_at=now,
        agent=" ".join(agent.split())[:200],
        by_link=by_link,
    )
    await services.records.of(clinic_id).transact(
        [*writes, Expect(USERS, Key("user", user.value.id), user.version), Put(SESSIONS, session, if_version=0)],
        audit=[audit.event(services, clinic_id, _actor(clinic_id, session), AuditKind.SIGN_IN, via=via)],
    )
    return token, session


async def admit_session(services: Services, token: str, *, active: bool = True) -> Admission:
    """Whom a session token lets in; `active` when a person asks, and not a stream that is still open.

    Raises `UnauthenticatedError`, also when nobody used it for too long.
    """
    clinic_id = _clinic_of(token)
    table, now = services.records.of(clinic_id).table(SESSIONS), services.ambient.now()
    stored = await table.get(Key("session", token_hash(token)))
    if stored is None or stored.value.expires_at <= now:
        raise UnauthenticatedError("The session has ended.")
    session = stored.value
    seen, idle = session.seen_at or session.created_at, timedelta(seconds=services.limits.session_idle_seconds)
    if session.role is not Role.DISPLAY and now - seen >= idle:
        raise UnauthenticatedError("The session has ended: nobody used it for a while.", remedy="Sign in again.")
    if active and now - seen >= SEEN_EVERY:
        with suppress(ConflictError):  # it was ended, or another request of it wrote the same
            await table.put(session.model_copy(update={"seen_at": now}), if_version=stored.version)
    return Admission(_actor(clinic_id, session), session.expires_at, session=session)


def _actor(clinic_id: ClinicId, session: Session) -> Actor:
    return Actor(
        clinic_id=clinic_id,
        user_id=session.user_id,
        role=session.role,
        name=session.name,
        administers=session.administers,
    )


async def sign_out(services: Services, token: str, via: Via | None = None) -> None:
    """End a session, and with it what it holds open. Harmless to repeat."""
    records, key = services.records.of(_clinic_of(token)), Key("session", token_hash(token))
    stored = await records.table(SESSIONS).get(key)
    if stored is not None:
        who = _actor(records.clinic_id, stored.value)
        await records.transact(
            [Delete(SESSIONS, key)],
            events=[access_changed(services, records.clinic_id)],
            audit=[audit.event(services, records.clinic_id, who, AuditKind.SIGN_OUT, via=via)],
        )


async def forget_expired(services: Services, clinic_id: ClinicId) -> int:
    """Remove the links and sessions that have expired; return how many. It reads those and no others."""
    records = services.records.of(clinic_id)
    links = await _forget_expired(services, records, LINKS)
    return links + await _forget_expired(services, records, SESSIONS)


async def _forget_expired(services: Services, records: ClinicRecords, spec: TableSpec[T]) -> int:
    now, gone = services.ambient.now().isoformat(), 0
    while True:
        page = await records.table(spec).query(ALL, index="expires", before=now, limit=500)
        await records.transact([Delete(spec, spec.key(stored.value)) for stored in page.items])
        gone += len(page.items)
        if page.next is None or not page.items:
            return gone


async def make_api_key(
    services: Services,
    clinic_id: ClinicId,
    name: str,
    role: Role,
    scopes: Sequence[str] = (),
    *,
    by: Actor | None = None,
) -> tuple[str, ApiKey]:
    """Make a key for another system; its token is shown once and never again."""
    token, key = _fresh_key(services, clinic_id, name, role, scopes)
    noted = _of_key(services, clinic_id, key, AuditAction.CREATE, by)
    await services.records.of(clinic_id).transact([Put(API_KEYS, key, if_version=0)], audit=[noted])
    return token, key


async def rotate_api_key(
    services: Services, clinic_id: ClinicId, key_id: str, *, by: Actor | None = None
) -> tuple[str, ApiKey]:
    """Replace a key by a new one of the same rights; the old one is good for `ROTATION_OVERLAP` more at most.

    Raises `NotFoundError` for no such key, `ConflictError` for one that was revoked or rotated already.
    """
    records = services.records.of(clinic_id)
    old = await _api_key(services, clinic_id, key_id)
    if old.value.revoked_at is not None or old.value.replaced_by is not None:
        raise ConflictError("This key was revoked or rotated already.", remedy="Make a new key.")
    token, key = _fresh_key(services, clinic_id, old.value.name, old.value.role, old.value.scopes)
    until = min(old.value.expires_at, services.ambient.now() + ROTATION_OVERLAP)
    ending = old.value.model_copy(update={"expires_at": until, "replaced_by": key.id})
    await records.transact(
        [Put(API_KEYS, ending, if_version=old.version), Put(API_KEYS, key, if_version=0)],
        audit=[
            _of_key(services, clinic_id, ending, AuditAction.UPDATE, by),
            _of_key(services, clinic_id, key, AuditAction.CREATE, by),
        ],
    )
    return token, key


def _fresh_key(
    services: Services, clinic_id: ClinicId, name: str, role: Role, scopes: Sequence[str]
) -> tuple[str, ApiKey]:
    token, now = _fresh_token(services, clinic_id), services.ambient.now()
    key = ApiKey(
        id=services.ambient.new_id("KEY"),
        token_hash=token_hash(token),
        name=name,
        role=role,
        created_at=now,
        expires_at=now + KEY_LIFE,
        scopes=tuple(scopes),
    )
    return token, key


async def admit_api_key(services: Services, token: str) -> Admission:
    """Whom an API key lets in. Raises `UnauthenticatedError`."""
    clinic_id = _clinic_of(token)
    stored = await services.records.of(clinic_id).table(API_KEYS).get(Key("api_key", token_hash(token)))
    if stored is None or stored.value.revoked_at is not None or stored.value.expires_at <= services.ambient.now():
        raise UnauthenticatedError("The API key is not valid, or no longer.")
    key = stored.value
    actor = Actor(clinic_id=clinic_id, user_id=UserId(key.id), role=key.role, name=key.name)
    return Admission(actor, key.expires_at, scopes=frozenset(key.scopes) if key.scopes else None)


async def api_keys(services: Services, clinic_id: ClinicId) -> list[ApiKey]:
    """All keys of a clinic, without their tokens."""
    return await all_rows(services.records.of(clinic_id), API_KEYS, "api_key")


async def revoke_api_key(services: Services, clinic_id: ClinicId, key_id: str, *, by: Actor | None = None) -> ApiKey:
    """End a key now, and what it holds open. Raises `NotFoundError`."""
    stored = await _api_key(services, clinic_id, key_id)
    revoked = stored.value.model_copy(update={"revoked_at": stored.value.revoked_at or services.ambient.now()})
    await services.records.of(clinic_id).transact(
        [Put(API_KEYS, revoked)],
        events=[access_changed(services, clinic_id)],
        audit=[_of_key(services, clinic_id, revoked, AuditAction.DELETE, by)],
    )
    return revoked


def _of_key(services: Services, clinic_id: ClinicId, key: ApiKey, action: AuditAction, by: Actor | None) -> AuditEvent:
    """What is noted of a key: by an admin, or on the command line by whoever may run it on this machine."""
    return audit.event(
        services,
        clinic_id,
        by or system_actor(clinic_id),
        AuditKind.SECURITY,
        action=action,
        via=by.via if by else COMMAND_LINE,
        entities=[AuditEntity(type="api_key", id=key.id)],
    )


async def _api_key(services: Services, clinic_id: ClinicId, key_id: str) -> Stored[ApiKey]:
    table = services.records.of(clinic_id).table(API_KEYS)
    for key in await api_keys(services, clinic_id):
        if key.id == key_id and (stored := await table.get(Key("api_key", key.token_hash))) is not None:
            return stored
    raise NotFoundError("There is no such key.", remedy="Run `auscult keys list` to see them.")


async def sessions(services: Services, clinic_id: ClinicId, user_id: UserId | None = None) -> list[Session]:
    """The sessions that have not ended, of the clinic or of one user, the one used last first."""
    now = services.ambient.now()
    idle = timedelta(seconds=services.limits.session_idle_seconds)
    found = [
        one
        for one in await all_rows(services.records.of(clinic_id), SESSIONS, "session")
        if user_id in (None, one.user_id)
        and one.expires_at > now
        and (one.role is Role.DISPLAY or now - (one.seen_at or one.created_at) < idle)
    ]
    return sorted(found, key=lambda one: one.seen_at or one.created_at, reverse=True)


async def end_session(services: Services, by: Actor, session_id: str, user_id: UserId | None = None) -> None:
    """End a session (of that user, when one is given) and what it holds open. Raises `NotFoundError`."""
    for one in await sessions(services, by.clinic_id, user_id):
        if one.id == session_id:
            await end_sessions(services, by, [one])
            return
    raise NotFoundError("There is no such session.", remedy="It may have ended already: look at the list again.")


async def end_sessions(services: Services, by: Actor, ended: Sequence[Session], writes: Sequence[Write] = ()) -> None:
    """End these sessions and what they hold open, with `writes` in the same transaction."""
    gone = [Delete(SESSIONS, Key("session", one.token_hash)) for one in ended]
    await services.records_of(by).transact([*gone, *writes], events=[access_changed(services, by.clinic_id)])


def access_changed(services: Services, clinic_id: ClinicId) -> Event:
    """The event that has everybody who holds something open asked again."""
    return event(services, system_actor(clinic_id), ACCESS_CHANGED)


def _fresh_token(services: Services, clinic_id: ClinicId) -> str:
    return f"{clinic_id}.{urlsafe_b64encode(services.ambient.secret(32)).decode().rstrip('=')}"


def token_reference(token: str) -> str:
    """What the audit trail says of a session: enough to tell two apart, not enough to find one."""
    return token_hash(token)[:12]


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _clinic_of(token: str) -> ClinicId:
    clinic_id = token.partition(".")[0]
    if not is_id(clinic_id, "CLN"):
        raise UnauthenticatedError("This is not one of our tokens.")
    return ClinicId(clinic_id)
