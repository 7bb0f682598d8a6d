"""The JSON shapes of coming in: who is signed in, people, sessions, keys and devices. None holds a secret twice."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from auscult.domain.access import ApiKey, Device, Session
from auscult.domain.actor import Actor, Role
from auscult.domain.model import UtcDatetime
from auscult.flows.people import Person

Secret = Annotated[str, Field(max_length=1000)]
"""A password or a code; longer ones than we take are refused with a reason, far longer ones unread."""
PersonName = Annotated[str, Field(min_length=1, max_length=200)]


class SignIn(BaseModel):
    """A name, a password, and the code of the second factor for whoever has one."""

    sign_in_name: PersonName
    password: Secret
    code: Secret = ""


class SingleSignOn(BaseModel):
    """A provider whose accounts one may sign in with, by the name that the button says."""

    name: str


class SignInOptions(BaseModel):
    """How one may sign in, beside a name and a password."""

    single_sign_on: SingleSignOn | None


class NewPassword(BaseModel):
    """The new password, the present one where there is one, and a name to sign in with, when that changes too."""

    new: Secret
    current: Secret = ""
    sign_in_name: str = Field(default="", max_length=200)


class Password(BaseModel):
    """The present password."""

    password: Secret


class Code(BaseModel):
    """What the authenticator app shows."""

    code: Secret


class NewPerson(BaseModel):
    """Somebody to add. A screen (`display`) has no name to sign in with."""

    name: PersonName
    role: Role
    sign_in_name: str = Field(default="", max_length=200)
    administers: bool = False


class PersonChange(BaseModel):
    """What to change; what is not named stays."""

    name: PersonName | None = None
    role: Role | None = None
    administers: bool | None = None
    disabled: bool | None = None


class NewKey(BaseModel):
    """A key for another system; `scopes` such as `patients.read` limit it, none leave it all that its role may."""

    name: PersonName
    role: Role = Role.INTEGRATION
    scopes: list[Annotated[str, Field(max_length=40)]] = Field(default=[], max_length=40)


class NewDevice(BaseModel):
    """A device; `public_key` is the 32 bytes of its Ed25519 key in base64url, and without one a pair is made."""

    name: PersonName
    public_key: str | None = Field(default=None, max_length=100)


class Me(BaseModel):
    """Who is signed in."""

    user_id: str
    name: str
    role: str
    administers: bool
    clinic_id: str
    clinic_name: str
    sign_in_name: str
    has_password: bool
    has_second_factor: bool
    recovery_codes_left: int
    phones: bool
    """Whether a phone in the local network can come in: then `GET /phone` shows how."""

    @classmethod
    def of(cls, actor: Actor, person: Person | None, clinic_name: str, *, phones: bool) -> Me:
        """From the caller, and the person that it is (None: a key)."""
        return cls(
            user_id=actor.user_id,
            name=actor.name,
            role=actor.role.value,
            administers=actor.administers or actor.role is Role.ADMIN,
            clinic_id=actor.clinic_id,
            clinic_name=clinic_name,
            sign_in_name=person.sign_in_name if person else "",
            has_password=bool(person and person.has_password),
            has_second_factor=bool(person and person.has_second_factor),
            recovery_codes_left=person.recovery_codes_left if person else 0,
            phones=phones,
        )


class PersonView(BaseModel):
    """Somebody of the clinic."""

    user_id: str
    name: str
    role: Role
    administers: bool
    sign_in_name: str
    has_password: bool
    has_second_factor: bool
    created_at: UtcDatetime
    disabled_at: UtcDatetime | None

    @classmethod
    def of(cls, person: Person) -> PersonView:
        """From the domain's user and account."""
        return cls(
            user_id=person.user.id,
            name=person.user.name,
            role=person.user.role,
            administers=person.user.administers or person.user.role is Role.ADMIN,
            sign_in_name=person.sign_in_name,
            has_password=person.has_password,
            has_second_factor=person.has_second_factor,
            created_at=person.user.created_at,
            disabled_at=person.user.disabled_at,
        )


class Invited(BaseModel):
    """Somebody, and the address that signs them in once, within 15 minutes: it is shown once.

    `qr` is a picture of the address as SVG, for the telephone of whoever stands beside the admin.
    """

    person: PersonView
    sign_in_url: str
    qr: str


class SecondFactorBegun(BaseModel):
    """What an authenticator app needs; `qr` is a picture of `uri` as SVG."""

    secret: str
    uri: str
    qr: str


class RecoveryCodes(BaseModel):
    """Codes for a lost telephone, each good once: they are shown once."""

    recovery_codes: list[str]


class SessionView(BaseModel):
    """A browser that is signed in."""

    session_id: str
    user_id: str
    name: str
    role: Role
    created_at: UtcDatetime
    seen_at: UtcDatetime
    expires_at: UtcDatetime
    agent: str
    current: bool

    @classmethod
    def of(cls, session: Session, current: Session | None) -> SessionView:
        """From the domain's session; `current` is the one that asks."""
        return cls(
            session_id=session.id,
            user_id=session.user_id,
            name=session.name,
            role=session.role,
            created_at=session.created_at,
            seen_at=session.seen_at or session.created_at,
            expires_at=session.expires_at,
            agent=session.agent,
            current=current is not None and current.token_hash == session.token_hash,
        )


class KeyView(BaseModel):
    """A key for another system, without its secret."""

    key_id: str
    name: str
    role: Role
    scopes: list[str]
    created_at: UtcDatetime
    expires_at: UtcDatetime
    revoked_at: UtcDatetime | None
    replaced_by: str | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyView:
        """From the domain's key."""
        return cls(key_id=key.id, scopes=list(key.scopes), **key.model_dump(exclude={"id", "token_hash", "scopes"}))


class MadeKey(BaseModel):
    """A key, with the token that is shown once."""

    key: KeyView
    token: str


class DeviceView(BaseModel):
    """A device that signs what it asks."""

    device_id: str
    name: str
    public_key: str
    created_at: UtcDatetime
    revoked_at: UtcDatetime | None

    @classmethod
    def of(cls, device: Device) -> DeviceView:
        """From the domain's device."""
        return cls(device_id=device.id, **device.model_dump(exclude={"id"}))


class AddedDevice(BaseModel):
    """A device, and its private key where we made it: 32 bytes in base64url, shown once."""

    device: DeviceView
    private_key: str | None
