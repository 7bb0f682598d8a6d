"""Who may come in: users, their sessions and one-time links, and keys for other systems. Tokens are kept as hashes."""

from __future__ import annotations

from auscult.domain.actor import Role
from auscult.domain.ids import UserId
from auscult.domain.model import UtcDatetime, Value
from auscult.domain.note import Template


class User(Value):
    """A member of the clinic."""

    id: UserId
    name: str
    role: Role
    created_at: UtcDatetime


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
    user_id: UserId
    name: str
    role: Role
    created_at: UtcDatetime
    expires_at: UtcDatetime


class ApiKey(Value):
    """A key for another system."""

    id: str
    token_hash: str
    name: str
    role: Role
    created_at: UtcDatetime
    expires_at: UtcDatetime
    revoked_at: UtcDatetime | None = None
