"""Signing in with the account of another provider, by OpenID Connect.

Whoever comes back is one of the clinic's people: known by the provider's unchanging id, and the first time by an e-mail
address that the provider has verified and an admin has entered as the name to sign in with. Nobody joins by it.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from auscult.domain.access import LinkedIdentity, Session, SignInBegun
from auscult.domain.errors import ConflictError, ForbiddenError, GoneError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.flows import access
from auscult.flows.access import SIGN_IN_NAMES, USERS, token_hash
from auscult.flows.services import Services
from auscult.flows.sign_in_attempts import name_hash
from auscult.flows.tables import ALL
from auscult.stores.records import Delete, Key, Put, TableSpec, Write
from auscult.trust.openid import Identity

LIFE: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_STAFF: Final = SubjectId("staff")

BEGUN: Final[TableSpec[SignInBegun]] = TableSpec(
    name="sign_in_begun",
    model=SignInBegun,
    key=lambda one: Key("begun", one.state_hash),
    subject=lambda _one: _STAFF,
    indexes={"expires": lambda one: Key(ALL, f"{one.expires_at.isoformat()}/{one.state_hash}")},
)
IDENTITIES: Final[TableSpec[LinkedIdentity]] = TableSpec(
    name="linked_identity",
    model=LinkedIdentity,
    key=lambda one: Key("identity", one.identity_hash),
    subject=lambda _one: _STAFF,
)


class Provider(Protocol):
    """Who vouches for people: `trust.openid`."""

    async def address(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser."""
        ...

    async def identity(self, *, redirect_uri: str, code: str, nonce: str, verifier: str) -> Identity:
        """Who came back."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the browser goes, and the state that it keeps meanwhile."""

    address: str
    state: str


async def begin(services: Services, clinic_id: ClinicId, provider: Provider, redirect_uri: str) -> Sent:
    """Send a browser to the provider."""
    state, nonce, verifier = (_secret(services) for _ in range(3))
    address = await provider.address(redirect_uri=redirect_uri, state=state, nonce=nonce, verifier=verifier)
    begun = SignInBegun(
        state_hash=token_hash(state),
        nonce=nonce,
        verifier=verifier,
        redirect_uri=redirect_uri,
        expires_at=services.ambient.now() + LIFE,
    )
    await services.records.of(clinic_id).table(BEGUN).put(begun, if_version=0)
    return Sent(address, state)


async def finish(
    services: Services, clinic_id: ClinicId, provider: Provider, *, state: str, kept: str, code: str, agent: str = ""
) -> tuple[str, Session]:
    """Begin the session of whoever came back, once; `kept` is the state that this browser was sent with.

    Raises `GoneError` for a state that is not this browser's, was used or is old, `ForbiddenError` for somebody who is
    not of the clinic, and what the provider raises.
    """
    records, now = services.records.of(clinic_id), services.ambient.now()
    gone = GoneError("This sign-in was not begun in this browser, or too long ago.", remedy="Sign in again.")
    if not state or state != kept:
        raise gone
    stored = await records.table(BEGUN).get(Key("begun", token_hash(state)))
    if stored is None or stored.value.expires_at <= now:
        raise gone
    try:  # before the provider is asked: a state is good once, whatever comes of it
        await records.table(BEGUN).delete(Key("begun", token_hash(state)), if_version=stored.version)
    except ConflictError as error:
        raise gone from error
    begun = stored.value
    identity = await provider.identity(
        redirect_uri=begun.redirect_uri, code=code, nonce=begun.nonce, verifier=begun.verifier
    )
    hash_ = hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode("utf-8", "surrogatepass")).hexdigest()
    linked = await records.table(IDENTITIES).get(Key("identity", hash_))
    stranger = ForbiddenError(
        "You are not one of this clinic's people.",
        remedy="Ask your admin to add you with the e-mail address that you use there.",
    )
    writes: list[Write] = []
    if linked is not None:
        user_id = linked.value.user_id
    else:
        named = (
            await records.table(SIGN_IN_NAMES).get(Key("name", name_hash(identity.email))) if identity.email else None
        )
        if named is None:
            raise stranger
        user_id = named.value.user_id
        writes.append(Put(IDENTITIES, LinkedIdentity(identity_hash=hash_, user_id=user_id), if_version=0))
    user = await records.table(USERS).get(Key("user", user_id))
    if user is None or user.value.disabled_at is not None:
        raise stranger
    return await access.open_session(services, clinic_id, user, writes, agent=agent)


async def forget_begun(services: Services, clinic_id: ClinicId) -> int:
    """Remove the sign-ins that nobody came back from; return how many."""
    records, gone = services.records.of(clinic_id), 0
    while True:
        page = await records.table(BEGUN).query(ALL, index="expires", before=services.ambient.now().isoformat())
        await records.transact([Delete(BEGUN, BEGUN.key(stored.value)) for stored in page.items])
        gone += len(page.items)
        if page.next is None or not page.items:
            return gone


def _secret(services: Services) -> str:
    return urlsafe_b64encode(services.ambient.secret(32)).decode().rstrip("=")
