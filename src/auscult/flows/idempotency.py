"""`Idempotency-Key`: the same request sent again, because its answer was lost, makes nothing twice.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
from typing import Final

from pydantic import Field

from auscult.domain.actor import Actor
from auscult.domain.errors import InvalidError
from auscult.domain.ids import SubjectId
from auscult.domain.model import UtcDatetime, Value
from auscult.flows.services import Services
from auscult.stores.records import Key, Put, TableSpec

LONGEST_KEY: Final = 200


class Made(Value):
    """What a caller's key made: the id of the thing. The key itself is kept as its hash."""

    what: str
    key_hash: str
    made: str = Field(min_length=1)
    at: UtcDatetime


MADE: Final[TableSpec[Made]] = TableSpec(
    name="made_once",
    model=Made,
    key=lambda one: Key(one.what, one.key_hash),
    subject=lambda _one: SubjectId("requests"),
)


async def made_before(services: Services, actor: Actor, what: str, key: str | None) -> str | None:
    """The id of what this caller made with this key, if it did. Raises `InvalidError` for a key that is none."""
    if key is None:
        return None
    stored = await services.records_of(actor).table(MADE).get(Key(what, _hash(actor, key)))
    return None if stored is None else stored.value.made


def remember(services: Services, actor: Actor, what: str, key: str | None, made: str) -> list[Put[Made]]:
    """The write that remembers it, for the transaction that makes the thing: two at once, and one conflicts."""
    if key is None:
        return []
    row = Made(what=what, key_hash=_hash(actor, key), made=made, at=services.ambient.now())
    return [Put(MADE, row, if_version=0)]


def _hash(actor: Actor, key: str) -> str:
    if not 0 < len(key) <= LONGEST_KEY:
        raise InvalidError("The Idempotency-Key is empty or too long.", remedy=f"Use at most {LONGEST_KEY} characters.")
    return hashlib.sha256(f"{actor.user_id}|{key}".encode()).hexdigest()
