"""What `AUSCULT_WRITER` may say: `bedrock:MODEL`, `google:MODEL`, `openai:MODEL@ADDRESS`, `offline`, or a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import urlsplit

from auscult.domain.errors import InvalidError

Vendor = Literal["bedrock", "google", "openai"]

OFFLINE: Final = "offline"
_VENDORS: Final[dict[str, Vendor]] = {"bedrock": "bedrock", "google": "google", "openai": "openai"}
_FORMS: Final = (
    "Use `offline`, `bedrock:MODEL`, `google:MODEL` or `openai:MODEL@http://host:port/v1`,"
    " or several with commas between them: each is asked when the one before it cannot write."
)
_MODEL = re.compile(r"[\w.:/@-]{1,200}")
_INSIDE = re.compile(r"localhost|[^.]+|.*\.(?:local|localhost|internal|lan|home\.arpa)", re.IGNORECASE)
"""Names that only resolve inside: of this machine, of a container network, of a house."""


@dataclass(frozen=True, slots=True)
class ModelAddress:
    """One language model: whose wire format it speaks, its name there, and where, if not at the vendor's own address.

    `model` is as the vendor spells it, colons and all: `anthropic.claude-3-5-haiku-20241022-v1:0`, `llama3.1:8b`.
    """

    vendor: Vendor
    model: str
    url: str = ""

    @property
    def name(self) -> str:
        """Which writer it is, without its address: `openai:llama3.1:8b`."""
        return f"{self.vendor}:{self.model}"

    @property
    def on_this_machine(self) -> bool:
        """True when what it is asked never leaves this machine."""
        return bool(self.url) and _is_loopback(urlsplit(self.url).hostname or "")

    @property
    def inside(self) -> bool:
        """True when it is on this machine or on a private network."""
        return bool(self.url) and _is_inside(urlsplit(self.url).hostname or "")


def parse_writers(text: str) -> tuple[ModelAddress, ...]:
    """Read the setting; the offline writer always comes last, so a plain `offline` (or nothing) is an empty tuple.

    Raises `InvalidError`, which never repeats an address: one may hold a password.
    """
    found: list[ModelAddress] = []
    entries = [entry.strip() for entry in text.split(",")]
    if len(entries) > 1 and not all(entries):
        raise InvalidError("The list of writers has an empty place.", remedy=_FORMS)
    for number, entry in enumerate(entries, start=1):
        if entry == OFFLINE or not entry:
            if number != len(entries):
                raise InvalidError("A writer after `offline` would never be asked.", remedy="Put `offline` last.")
            continue
        address = _address(entry, number)
        if address in found:
            raise InvalidError(f"Writer {number} is there twice.", remedy="Name each writer once.")
        found.append(address)
    return tuple(found)


def _address(entry: str, number: int) -> ModelAddress:
    kind, _, rest = entry.partition(":")
    vendor = _VENDORS.get(kind)
    if vendor is None:
        raise InvalidError(f"Writer {number} is of no kind that is known.", remedy=_FORMS)
    model, url = rest, ""
    cut = re.search(r"@(?=https?://)", rest)
    if cut is not None:
        model, url = rest[: cut.start()], rest[cut.end() :]
    if "://" in model:
        raise InvalidError(f"The address of writer {number} cannot be used.", remedy=_FORMS)
    if not _MODEL.fullmatch(model):
        raise InvalidError(f"Writer {number} names no model.", remedy=_FORMS)
    return ModelAddress(vendor=vendor, model=model, url=_url(url, number))


def _url(url: str, number: int) -> str:
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host, usable = parts.hostname or "", parts.port != 0
    except ValueError:  # a port that is no number, or a bracket too few
        host, usable = "", False
    if not host or not usable or parts.query or parts.fragment or re.search(r"\s", url):
        raise InvalidError(
            f"The address of writer {number} cannot be used.", remedy="Write it like http://127.0.0.1:11434/v1."
        )
    if parts.username or parts.password:
        raise InvalidError(
            f"The address of writer {number} holds a name or password.",
            remedy="Leave it out; put the key into OPENAI_API_KEY.",
        )
    if parts.scheme == "http" and not _is_inside(host):
        raise InvalidError(
            f"Writer {number} would be sent consultations over plain http.",
            remedy="Use https, or a model server on this machine or a private network.",
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_inside(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return _INSIDE.fullmatch(host) is not None
    return address.is_loopback or address.is_private
