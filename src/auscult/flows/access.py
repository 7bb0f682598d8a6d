"""Coming in: one-time sign-in links, browser sessions and API keys.

A token is `<clinic id>.<256 random bits>`: it names its clinic, because nothing can be read without one, and only its
SHA-256 is kept. (Passwords, second factors and single sign-on join this file's callers with the clinic's own users.)
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from auscult.domain.access import ApiKey, Session, SignInLink, User
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
from auscult.stores.records import ClinicRecords, Delete, Key, Put, T, TableSpec

LINK_LIFE: Final = timedelta(minutes=15)
SESSION_LIFE: Final = timedelta(hours=12)
"""A long working day; idle and absolute limits become settings with the clinic's own users."""
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
API_KEYS: Final[TableSpec[ApiKey]] = TableSpec(
    name="api_key", model=ApiKey, key=lambda one: Key("api_key", one.token_hash), subject=lambda _one: _STAFF
)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom a token lets in, and until when, unless it is ended before."""

    actor: Actor
    expires_at: datetime


async def owner(services: Services, clinic_id: ClinicId, name: str) -> User:
    """The clinic's first user, made at first start: a doctor, so that notes can be signed."""
    table = services.records.of(clinic_id).table(USERS)
    page = await table.query("user", limit=1)
    if page.items:
        return page.items[0].value
    user = User(
        id=UserId(services.ambient.new_id("USR")), name=name, role=Role.DOCTOR, created_at=services.ambient.now()
    )
    try:
        return (await table.put(user, if_version=0)).value
    except ConflictError:
        return await owner(services, clinic_id, name)


async def make_link(services: Services, clinic_id: ClinicId, user: User) -> str:
    """Make a one-time sign-in token for a user; valid for `LINK_LIFE`."""
    token = _fresh_token(services, clinic_id)
    link = SignInLink(token_hash=token_hash(token), user_id=user.id, expires_at=services.ambient.now() + LINK_LIFE)
    await services.records.of(clinic_id).table(LINKS).put(link, if_version=0)
    return token


async def sign_in(services: Services, token: str, via: Via | None = None) -> tuple[str, Session]:
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
    if found is None:
        raise gone
    session_token = _fresh_token(services, records.clinic_id)
    now = services.ambient.now()
    session = Session(
        token_hash=token_hash(session_token),
        user_id=found.value.id,
        name=found.value.name,
        role=found.value.role,
        created_at=now,
        expires_at=now + SESSION_LIFE,
    )
    who = _actor(records.clinic_id, session)
    try:
        await records.transact(
            [
                Delete(LINKS, Key("link", stored.value.token_hash), if_version=stored.version),
                Put(SESSIONS, session, if_version=0),
            ],
            audit=[audit.event(services, records.clinic_id, who, AuditKind.SIGN_IN, via=via)],
        )
    except ConflictError as error:
        raise gone from error
    return session_token, session


async def admit_session(services: Services, token: str) -> Admission:
    """Whom a session token lets in. Raises `UnauthenticatedError`."""
    clinic_id = _clinic_of(token)
    stored = await services.records.of(clinic_id).table(SESSIONS).get(Key("session", token_hash(token)))
    if stored is None or stored.value.expires_at <= services.ambient.now():
        raise UnauthenticatedError("The session has ended.")
    return Admission(_actor(clinic_id, stored.value), stored.value.expires_at)


def _actor(clinic_id: ClinicId, session: Session) -> Actor:
    return Actor(clinic_id=clinic_id, user_id=session.user_id, role=session.role, name=session.name)


async def sign_out(services: Services, token: str, via: Via | None = None) -> None:
    """End a session, and with it what it holds open. Harmless to repeat."""
    records, key = services.records.of(_clinic_of(token)), Key("session", token_hash(token))
    stored = await records.table(SESSIONS).get(key)
    if stored is not None:
        who = _actor(records.clinic_id, stored.value)
        await records.transact(
            [Delete(SESSIONS, key)],
            events=[_access_changed(services, records.clinic_id)],
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


async def make_api_key(services: Services, clinic_id: ClinicId, name: str, role: Role) -> tuple[str, ApiKey]:
    """Make a key for another system; its token is shown once and never again."""
    token = _fresh_token(services, clinic_id)
    now = services.ambient.now()
    key = ApiKey(
        id=services.ambient.new_id("KEY"),
        token_hash=token_hash(token),
        name=name,
        role=role,
        created_at=now,
        expires_at=now + KEY_LIFE,
    )
    await services.records.of(clinic_id).transact(
        [Put(API_KEYS, key, if_version=0)], audit=[_of_key(services, clinic_id, key, AuditAction.CREATE)]
    )
    return token, key


async def admit_api_key(services: Services, token: str) -> Admission:
    """Whom an API key lets in. Raises `UnauthenticatedError`."""
    clinic_id = _clinic_of(token)
    stored = await services.records.of(clinic_id).table(API_KEYS).get(Key("api_key", token_hash(token)))
    if stored is None or stored.value.revoked_at is not None or stored.value.expires_at <= services.ambient.now():
        raise UnauthenticatedError("The API key is not valid, or no longer.")
    key = stored.value
    return Admission(Actor(clinic_id=clinic_id, user_id=UserId(key.id), role=key.role, name=key.name), key.expires_at)


async def api_keys(services: Services, clinic_id: ClinicId) -> list[ApiKey]:
    """All keys of a clinic, without their tokens."""
    return await all_rows(services.records.of(clinic_id), API_KEYS, "api_key")


async def revoke_api_key(services: Services, clinic_id: ClinicId, key_id: str) -> ApiKey:
    """End a key now, and what it holds open. Raises `NotFoundError`."""
    for key in await api_keys(services, clinic_id):
        if key.id == key_id:
            revoked = key.model_copy(update={"revoked_at": services.ambient.now()})
            await services.records.of(clinic_id).transact(
                [Put(API_KEYS, revoked)],
                events=[_access_changed(services, clinic_id)],
                audit=[_of_key(services, clinic_id, key, AuditAction.DELETE)],
            )
            return revoked
    raise NotFoundError("There is no such key.", remedy="Run `auscult keys list` to see them.")


def _of_key(services: Services, clinic_id: ClinicId, key: ApiKey, action: AuditAction) -> AuditEvent:
    """Keys are made and ended on the command line, by whoever may run it on this machine."""
    return audit.event(
        services,
        clinic_id,
        system_actor(clinic_id),
        AuditKind.SECURITY,
        action=action,
        via=COMMAND_LINE,
        entities=[AuditEntity(type="api_key", id=key.id)],
    )


def _access_changed(services: Services, clinic_id: ClinicId) -> Event:
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
