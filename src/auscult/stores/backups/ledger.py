"""The erasure ledger outside the database and its backups: who was erased, so that no restore brings them back.

A line for each, only ever added, proven by a key of the clinic: an id, a time, and nothing of anybody.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from auscult.domain.errors import UnavailableError
from auscult.stores.secrets import Erasure

LEDGER: Final = "erasures.jsonl"


def add_erasures(path: Path, key: bytes, erasures: Iterable[Erasure]) -> None:
    """Add those that are not there yet, durably. Raises `UnavailableError` when the ledger was altered."""
    known = {one.name for one in read_erasures(path, key)}
    lines = [_line(key, one) for one in erasures if one.name not in known]
    if not lines:
        return
    _drop_torn_line(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())


def read_erasures(path: Path, key: bytes) -> list[Erasure]:
    """All of them, the first one first; a line that a crash cut off is passed over.

    Raises `UnavailableError` when the ledger cannot be read or was altered.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise _altered(path) from error
    found = []
    for line in text.splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        try:
            row = json.loads(line)
            one = Erasure(str(row["subject"]), datetime.fromisoformat(row["at"]))
            proven = hmac.compare_digest(_mac(key, one), str(row["mac"]))
        except (ValueError, KeyError, TypeError) as error:
            raise _altered(path) from error
        if not proven:
            raise _altered(path)
        found.append(one)
    return found


def _drop_torn_line(path: Path) -> None:
    try:
        with path.open("r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
    except FileNotFoundError:
        return


def _line(key: bytes, one: Erasure) -> str:
    return json.dumps({"subject": one.name, "at": one.at.isoformat(), "mac": _mac(key, one)}) + "\n"


def _mac(key: bytes, one: Erasure) -> str:
    return hmac.digest(key, json.dumps([one.name, one.at.isoformat()]).encode(), "sha256").hex()


def _altered(path: Path) -> UnavailableError:
    return UnavailableError(
        f"The erasure ledger {path.name} was altered or cannot be read.",
        remedy=f"Put a good copy of {path} back: without it an erased patient could come back with a restore.",
    )
