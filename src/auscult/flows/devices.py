"""Devices that sign what they ask: each holds a private key of its own, and we keep the public one.

A device sends, as its bearer token, a JSON Web Token (RFC 7519) that it signed with Ed25519 (RFC 8037): `iss` is its
id, `aud` the clinic's id, `iat` and `exp` are at most five minutes apart, and `jti` is used once. No other algorithm is
taken (RFC 8725).
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from auscult.domain.access import Device, UsedAssertion
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, InvalidError, NotFoundError, UnauthenticatedError
from auscult.domain.ids import ClinicId, SubjectId, UserId, is_id
from auscult.flows import access
from auscult.flows.access import Admission
from auscult.flows.recording_state import all_rows
from auscult.flows.services import Services
from auscult.flows.tables import ALL
from auscult.stores.records import Delete, Key, Put, TableSpec

LONGEST: Final = timedelta(minutes=5)
"""How long an assertion may be good: what is stolen of one is worth little."""
LEEWAY: Final = timedelta(seconds=30)
"""How far a device's clock may be off."""
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_STAFF: Final = SubjectId("staff")

DEVICES: Final[TableSpec[Device]] = TableSpec(
    name="device", model=Device, key=lambda one: Key("device", one.id), subject=lambda _one: _STAFF
)
USED: Final[TableSpec[UsedAssertion]] = TableSpec(
    name="used_assertion",
    model=UsedAssertion,
    key=lambda one: Key("assertion", one.id_hash),
    subject=lambda _one: _STAFF,
    indexes={"expires": lambda one: Key(ALL, f"{one.expires_at.isoformat()}/{one.id_hash}")},
)


def fresh_key(services: Services) -> tuple[str, str]:
    """A new key pair for a device that has none: private and public, 32 bytes each in unpadded base64url."""
    secret = services.ambient.secret(32)
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return _base64(secret), _base64(public)


async def add(services: Services, actor: Actor, name: str, public_key: str) -> Device:
    """Let a device in that holds the private half of this key. Raises `InvalidError` for what is no key."""
    name = " ".join(name.split())
    if not name:
        raise InvalidError("A device needs a name.", remedy="Say where it stands or whose it is.")
    try:
        good = len(urlsafe_b64decode(public_key + "=" * (-len(public_key) % 4))) == 32
    except ValueError:
        good = False
    if not good:
        raise InvalidError(
            "This is no Ed25519 public key.", remedy="Send its 32 bytes in base64url, as `x` of the JSON Web Key."
        )
    device = Device(
        id=services.ambient.new_id("DEV"), name=name, public_key=public_key, created_at=services.ambient.now()
    )
    await services.records_of(actor).table(DEVICES).put(device, if_version=0)
    return device


async def devices(services: Services, clinic_id: ClinicId) -> list[Device]:
    """All devices of a clinic, also the revoked ones."""
    return await all_rows(services.records.of(clinic_id), DEVICES, "device")


async def revoke(services: Services, actor: Actor, device_id: str) -> Device:
    """Let a device in no more, and end what it holds open. Raises `NotFoundError`."""
    records = services.records_of(actor)
    stored = await records.table(DEVICES).get(Key("device", device_id)) if is_id(device_id, "DEV") else None
    if stored is None:
        raise NotFoundError("There is no such device.", remedy="Look at the list of devices again.")
    revoked = stored.value.model_copy(update={"revoked_at": stored.value.revoked_at or services.ambient.now()})
    await records.transact(
        [Put(DEVICES, revoked, if_version=stored.version)], events=[access.access_changed(services, actor.clinic_id)]
    )
    return revoked


def is_assertion(token: str) -> bool:
    """Whether a bearer token has the form of a signed assertion; ours have one dot, not two."""
    return _SHAPE.fullmatch(token) is not None


async def admit(services: Services, clinic_id: ClinicId, token: str) -> Admission:
    """Whom a signed assertion lets in, once. Raises `UnauthenticatedError`, whatever is wrong with it."""
    refused = UnauthenticatedError(
        "This is not a valid assertion of one of our devices.",
        remedy="Sign a new one: EdDSA, iss, aud, iat, exp at most 5 minutes later, and a jti that was not used.",
    )
    records, now = services.records.of(clinic_id), services.ambient.now()
    try:
        device_id = _unverified(token).get("iss")
        if not isinstance(device_id, str) or not is_id(device_id, "DEV"):
            raise refused
        stored = await records.table(DEVICES).get(Key("device", device_id))
        if stored is None or stored.value.revoked_at is not None:
            raise refused
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": stored.value.public_key})
        claims = jwt.decode(token, key, algorithms=["EdDSA", "Ed25519"]).claims
        issued, expires = _time(claims["iat"]), _time(claims["exp"])
        unique = str(claims["jti"])
    except (JoseError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise refused from error
    if claims.get("aud") != clinic_id or not unique or len(unique) > 200:
        raise refused
    if not (issued - LEEWAY <= now < expires + LEEWAY and expires - issued <= LONGEST):
        raise refused
    used = UsedAssertion(
        id_hash=hashlib.sha256(f"{device_id}/{unique}".encode("utf-8", "surrogatepass")).hexdigest(),
        expires_at=expires + LEEWAY,
    )
    try:
        await records.table(USED).put(used, if_version=0)
    except ConflictError as error:
        raise refused from error
    actor = Actor(clinic_id=clinic_id, user_id=UserId(device_id), role=Role.DEVICE, name=stored.value.name)
    return Admission(actor, expires + LEEWAY)


async def forget_used(services: Services, clinic_id: ClinicId) -> int:
    """Remove what is known of assertions that have expired; return how many."""
    records, gone = services.records.of(clinic_id), 0
    while True:
        page = await records.table(USED).query(ALL, index="expires", before=services.ambient.now().isoformat())
        await records.transact([Delete(USED, USED.key(stored.value)) for stored in page.items])
        gone += len(page.items)
        if page.next is None or not page.items:
            return gone


def _unverified(token: str) -> dict[str, Any]:
    """The claims before anything is believed: only to know whose key to verify with."""
    body = token.split(".")[1]
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if not isinstance(claims, dict):
        raise TypeError("no claims")
    return claims


def _time(seconds: object) -> datetime:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise TypeError("no time")
    return datetime.fromtimestamp(seconds, UTC)


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
