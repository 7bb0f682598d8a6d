"""Signed checkpoints of the audit trail: where every chain of a clinic ended at some time, kept outside the database.

A database that is put back to an older state, or rewritten as a whole by somebody who has the key of the chains, fits
in itself; it does not fit the checkpoints. Each names the hash of the one before, so none can be taken out of their
middle. Signed with Ed25519 (RFC 8032); the seed of the clinic's signing key is derived from its sealed clinic key.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auscult.trust.audit_chain import Head

_FORMAT: Final = "auscult-audit-checkpoint-1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the chains of a clinic ended. `previous` is the SHA-256 of the file of the one before (empty for none)."""

    clinic_id: str
    series: str
    """Which series of checkpoints this is a part of: a new one begins where none are found."""
    number: int
    at: datetime
    heads: Mapping[int, Head]
    previous: str

    @property
    def entries(self) -> int:
        """How many entries there were in all chains."""
        return sum(head.seq for head in self.heads.values())


def digest(data: bytes) -> str:
    """What the next checkpoint says of this one's file."""
    return hashlib.sha256(data).hexdigest()


def public_key(seed: bytes) -> str:
    """The public half of the clinic's signing key, in hex: noted elsewhere, it tells a forged series from ours."""
    return _key(seed).public_key().public_bytes_raw().hex()


def signed(checkpoint: Checkpoint, seed: bytes) -> bytes:
    """The file of a checkpoint: JSON with its signature."""
    told = {
        "format": _FORMAT,
        "clinic_id": checkpoint.clinic_id,
        "series": checkpoint.series,
        "number": checkpoint.number,
        "at": checkpoint.at.isoformat(),
        "heads": {
            str(chain): {"seq": head.seq, "mark": head.mark.hex()} for chain, head in sorted(checkpoint.heads.items())
        },
        "previous": checkpoint.previous,
        "key": public_key(seed),
    }
    signature = base64.b64encode(_key(seed).sign(_canonical(told))).decode()
    return json.dumps({**told, "signature": signature}, indent=1).encode() + b"\n"


def opened(data: bytes, seed: bytes) -> Checkpoint | None:
    """The checkpoint in a file; None when it is unreadable, or this clinic did not sign exactly that."""
    try:
        told: dict[str, Any] = json.loads(data)
        signature = base64.b64decode(told.pop("signature"), validate=True)
        _key(seed).public_key().verify(signature, _canonical(told))
        if told["format"] != _FORMAT:
            return None
        return Checkpoint(
            clinic_id=str(told["clinic_id"]),
            series=str(told["series"]),
            number=int(told["number"]),
            at=datetime.fromisoformat(told["at"]),
            heads={
                int(chain): Head(int(one["seq"]), bytes.fromhex(one["mark"])) for chain, one in told["heads"].items()
            },
            previous=str(told["previous"]),
        )
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError):
        return None


def _canonical(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def _key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
