"""Who may come in: users, their sessions and one-time links, and keys for other systems. Tokens are kept as hashes."""

from __future__ import annotations

from enum import StrEnum

from auscult.domain.actor import Role
from auscult.domain.ids import UserId
from auscult.domain.model import UtcDatetime, Value
from auscult.domain.note import Template


class User(Value):
    """A member of the clinic, or a screen of it (role `display`)."""

    id: UserId
    name: str
    role: Role
    created_at: UtcDatetime
    administers: bool = False
    """Whether they also do what an admin does: in a clinic of one, its doctor."""
    disabled_at: UtcDatetime | None = None


class Account(Value):
    """How a user signs in: a name, a password's argon2id hash, and perhaps a second factor."""

    user_id: UserId
    sign_in_name: str
    password_hash: str = ""
    """Empty until whoever was invited has chosen one."""
    totp_secret: str = ""
    """Base 32; empty without a second factor."""
    totp_step: int = 0
    """The newest 30-second step of which a code was taken: none is taken twice."""
    totp_pending: str = ""
    """A secret that was shown and not confirmed yet."""
    recovery_hashes: tuple[str, ...] = ()
    """SHA-256 of the recovery codes that are left."""


class SignInName(Value):
    """That a name to sign in with is somebody's: `name_hash` is the SHA-256 of its folded form."""

    name_hash: str
    user_id: UserId


class Attempts(Value):
    """Failed sign-ins with one name since the last that worked, whether or not the name is anybody's."""

    name_hash: str
    failures: int
    last_at: UtcDatetime
    wait_until: UtcDatetime | None = None


class Preferences(Value):
    """How a member of the clinic likes to work."""

    user_id: UserId
    template: Template = Template.VISIT
    """How the notes of what they record are laid out."""


class SignInLink(Value):
    """A link that signs its holder in once. `token_hash` is the SHA-256 of the token that the link carries."""

    token_hash: str
    user_id: UserId
    expires_at: UtcDatetime


class Session(Value):
    """A signed-in browser."""

    token_hash: str
    id: str = ""
    """`SES_…`: what lists show, since the hash is a secret's."""
    user_id: UserId
    name: str
    role: Role
    administers: bool = False
    created_at: UtcDatetime
    expires_at: UtcDatetime
    seen_at: UtcDatetime | None = None
    """When it last asked for something, to the minute."""
    agent: str = ""
    """What the browser calls itself, so that its owner knows it again."""
    by_link: bool = False
    """Begun with a one-time link: for a while it may set a password without the old one."""


class Scope(StrEnum):
    """What a key may be limited to; each route says which of these it needs, and whether it reads or writes.

    SMART on FHIR's idea, by the words of our routes: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html.
    """

    RECORDINGS = "recordings"
    NOTES = "notes"
    PATIENTS = "patients"
    QUEUE = "queue"
    EVENTS = "events"
    CLINIC = "clinic"
    """What is of no patient: who I am, engines, people."""


class ApiKey(Value):
    """A key for another system."""

    id: str
    token_hash: str
    name: str
    role: Role
    created_at: UtcDatetime
    expires_at: UtcDatetime
    revoked_at: UtcDatetime | None = None
    scopes: tuple[str, ...] = ()
    """`patients.read`, `notes.write`, …: write includes read. Empty: all that the role may."""
    replaced_by: str | None = None
    """The key that it was rotated to; it is good for a while beside it."""


class Device(Value):
    """A device that signs what it asks with a key of its own: a token that is stolen from us lets nobody in."""

    id: str
    name: str
    public_key: str
    """Ed25519, 32 bytes in unpadded base64url (RFC 8037's `x`)."""
    created_at: UtcDatetime
    revoked_at: UtcDatetime | None = None


class UsedAssertion(Value):
    """A signed assertion that was used: none is taken twice."""

    id_hash: str
    expires_at: UtcDatetime


class SignInBegun(Value):
    """A browser that was sent to a provider, until it comes back."""

    state_hash: str
    nonce: str
    verifier: str
    redirect_uri: str
    expires_at: UtcDatetime


class LinkedIdentity(Value):
    """That somebody at a provider is one of the clinic's people; `identity_hash` is of issuer and subject."""

    identity_hash: str
    user_id: UserId
