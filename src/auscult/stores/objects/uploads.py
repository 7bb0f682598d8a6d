"""Signed upload URLs of our own route, for stores that cannot presign.

Each allows one PUT to one key with one content type until it expires:

    /objects/put/<clinic>/<key>?expires=<unix seconds>&type=<content type>&max=<bytes>&signature=<64 hex digits>

The signature is HMAC-SHA256 (RFC 2104) over every other field, under a key of the clinic. That a URL takes one PUT only
is not its own doing: the object it names can be put once (`ClinicObjects.put` with `overwrite=False`).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol
from urllib.parse import parse_qsl, quote, unquote, urlencode

from auscult.domain.errors import ForbiddenError, GoneError, InvalidError
from auscult.domain.ids import ClinicId
from auscult.stores.objects import UploadGrant
from auscult.stores.objects.blobs import Waiting
from auscult.stores.objects.keys import checked_clinic, checked_content_type, checked_key
from auscult.trust.sealing import Keyring

ROUTE: Final = "/objects/put/"
_PURPOSE: Final = "upload-urls"
_FIELDS: Final = ("expires", "type", "max", "signature")
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_LONGEST: Final = 2_000


class Roster(Protocol):
    """The clinics of this store.

    A stranger can write any clinic into a URL; asking first keeps them from making the keyring create keys.
    """

    async def welcome(self, clinic_id: ClinicId) -> None:
        """Remember the clinic."""
        ...

    async def knows(self, clinic_id: ClinicId) -> bool:
        """Tell whether it was ever remembered."""
        ...


class SignedRoute:
    """Signs and checks upload URLs of our own route."""

    def __init__(self, keyring: Keyring, roster: Roster, *, now: Callable[[], datetime]) -> None:
        """Take the keys, the clinics that links were ever signed for, and the time (aware)."""
        self._keyring = keyring
        self._now = now
        self._roster = roster

    async def url(self, clinic_id: ClinicId, key: str, *, content_type: str, expires_in: int, max_bytes: int) -> str:
        """The path and query to PUT to; the API puts its own origin before it."""
        await self._roster.welcome(clinic_id)
        expires, most = str(int(self._now().timestamp()) + expires_in), str(max_bytes)
        signature = await self._signature(clinic_id, key, expires, content_type, most)
        query = urlencode({"expires": expires, "type": content_type, "max": most, "signature": signature})
        return f"{ROUTE}{quote(clinic_id)}/{quote(key)}?{query}"

    async def verify(self, path_and_query: str) -> UploadGrant:
        """What the URL grants. Raises `ForbiddenError` (altered, not ours), then `GoneError` (expired)."""
        clinic_id, key, fields = _parse(path_and_query)
        if not await self._roster.knows(clinic_id):
            raise _not_ours()
        expected = await self._signature(clinic_id, key, fields["expires"], fields["type"], fields["max"])
        if not hmac.compare_digest(expected.encode(), fields["signature"].encode()):
            raise _not_ours()
        expires_at = datetime.fromtimestamp(int(fields["expires"]), UTC)
        if self._now() >= expires_at:
            raise GoneError("This upload link has expired.")
        return UploadGrant(clinic_id, key, fields["type"], expires_at, int(fields["max"]))

    async def waiting(self, clinic_id: ClinicId, key: str) -> Waiting | None:  # noqa: ARG002 - the protocol's shape
        """Nothing ever waits: what comes through our own route is sealed as it comes."""
        return None

    async def discard(self, clinic_id: ClinicId, key: str) -> None:
        """Nothing waits, so nothing is removed."""

    async def _signature(self, clinic_id: ClinicId, key: str, expires: str, content_type: str, most: str) -> str:
        signing = await self._keyring.derive(clinic_id, _PURPOSE)
        # none of the fields can hold a line feed, so the lines cannot be shifted into one another
        message = "\n".join(("PUT", clinic_id, key, expires, content_type, most))
        return hmac.digest(signing, message.encode(), "sha256").hex()


def _parse(path_and_query: str) -> tuple[ClinicId, str, dict[str, str]]:
    path, _, query = path_and_query.partition("?")
    if len(path_and_query) > _LONGEST or not path.startswith(ROUTE):
        raise _not_ours()
    clinic, _, key = path.removeprefix(ROUTE).partition("/")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=len(_FIELDS))
        fields = dict(pairs)
        if len(pairs) != len(_FIELDS) or set(fields) != set(_FIELDS):
            raise _not_ours()
        checked_content_type(fields["type"])
        if not (_NUMBER.fullmatch(fields["expires"]) and _NUMBER.fullmatch(fields["max"])):
            raise _not_ours()
        return checked_clinic(unquote(clinic)), checked_key(unquote(key)), fields
    except (InvalidError, ValueError) as error:
        raise _not_ours() from error


def _not_ours() -> ForbiddenError:
    return ForbiddenError(
        "This upload link was not issued by this server, or was altered.", remedy="Ask for a new link and use it as is."
    )
