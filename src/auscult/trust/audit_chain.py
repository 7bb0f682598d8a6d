"""The chains of the audit trail: each entry's mark rests on all before it, and only the clinic's key can make one.

`mark = HMAC-SHA256(key, previous mark | chain | number | body)` (RFC 2104). A clinic has `CHAINS` of them, so that acts
at the same time rarely wait for each other. `ChainCheck` reads a chain back and says what was done to it; it holds
nothing but the last entry, so a chain may be of any length.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CHAINS: Final = 16
"""Of a clinic. More would make checkpoints longer and nothing faster: a head is locked for a few statements."""


class Problem(StrEnum):
    """What can be wrong with a trail."""

    CHANGED = "changed"
    """An entry is not what was written, or was put in by somebody without the key."""
    MISSING = "missing"
    REORDERED = "reordered"
    """An entry of another place."""
    TRUNCATED = "truncated"
    """The newest entries are gone: a chain ends before its head, or before where a checkpoint saw it."""
    REWRITTEN = "rewritten"
    """The chain fits in itself, but not the checkpoint: it is another chain."""
    HEAD = "head"
    """The row that says where a chain ends does not fit."""
    STRANGE = "strange"
    """Rows where no entry can be: in a chain or under a number that is none."""
    INDEX = "index"
    """What entries are searched by differs from what they say."""
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHECKPOINT_FORGED = "checkpoint_forged"
    """A checkpoint without the clinic's signature, or not the one that its successor names."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is kept: its place, the bytes that were written, and its mark."""

    chain: int
    seq: int
    body: bytes
    mark: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends. `seq` 0 with `genesis` is a chain without entries."""

    seq: int
    mark: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: where (from the entry `seq` to `until`), and which checkpoint tells, when one does."""

    problem: Problem
    chain: int | None = None
    seq: int | None = None
    until: int | None = None
    checkpoint: int | None = None

    def sentence(self) -> str:
        """For a person."""
        where = "" if self.chain is None else f" in chain {self.chain}"
        if self.seq is not None:
            end = "" if self.until in (None, self.seq) else f" to {self.until}"
            where += f" at entry {self.seq}{end}"
        last = "" if self.seq is not None or self.until in (None, self.checkpoint) else f" to {self.until}"
        told = "" if self.checkpoint is None else f" (checkpoint {self.checkpoint}{last})"
        return f"{self.problem.value.replace('_', ' ')}{where}{told}"


def genesis(key: bytes, clinic_id: str, chain: int) -> bytes:
    """What the first entry of a chain rests on."""
    return _hmac(key, b"auscult/audit/genesis|" + f"{clinic_id}|{chain}".encode())


def placed(chain: int, seq: int, event: str) -> bytes:
    """The body of an entry: an event's JSON object, with its place as the first members."""
    return f'{{"chain":{chain},"seq":{seq},{event[1:]}'.encode()


def mark(key: bytes, previous: bytes, chain: int, seq: int, body: bytes) -> bytes:
    """The mark of the entry with that body after the one with the mark `previous`."""
    return _hmac(key, previous + chain.to_bytes(2, "big") + seq.to_bytes(8, "big") + body)


def place_in(body: bytes) -> tuple[int, int] | None:
    """Which place a body was written for; None when it cannot be read."""
    try:
        read = json.loads(body)
        return int(read["chain"]), int(read["seq"])
    except (ValueError, KeyError, TypeError):
        return None


class ChainCheck:
    """Reads one chain from its beginning, entry by entry."""

    def __init__(self, key: bytes, clinic_id: str, chain: int, seen: Mapping[int, tuple[bytes, int]]) -> None:
        """`seen` says which mark the entry `seq` had, and which checkpoint saw it there (the last that did)."""
        self._key = key
        self._chain = chain
        self._seen = seen
        self._previous: bytes | None = genesis(key, clinic_id, chain)
        self._genesis = self._previous
        self._last = Head(0, self._previous)
        self._run: Finding | None = None
        self._marks: dict[int, bytes] = {0: self._previous}

    @property
    def last(self) -> Head:
        """The newest entry that was read."""
        return self._last

    def feed(self, link: Link, *, watched: int | None = None) -> Iterator[Finding]:
        """Take the next entry in the order of numbers; findings come as soon as they are whole.

        The mark of the entry `watched` is kept for `finish`.
        """
        expected = self._last.seq + 1
        if link.seq < expected:  # there is one of that number already, or it is none
            yield from self._found(Problem.CHANGED, link.seq, link.seq)
            return
        if link.seq > expected:
            yield from self._found(Problem.MISSING, expected, link.seq - 1)
            self._previous = None  # what was before is not known, so this one cannot be recomputed
        if place_in(link.body) not in (None, (self._chain, link.seq)):
            yield from self._found(Problem.REORDERED, link.seq, link.seq)
        elif self._previous is not None and not hmac.compare_digest(
            mark(self._key, self._previous, self._chain, link.seq, link.body), link.mark
        ):
            yield from self._found(Problem.CHANGED, link.seq, link.seq)
        if link.seq in self._seen and self._seen[link.seq][0] != link.mark:
            yield from self._ended()
            yield Finding(Problem.REWRITTEN, self._chain, link.seq, checkpoint=self._seen[link.seq][1])
        if link.seq == watched:
            self._marks[link.seq] = link.mark
        self._previous = link.mark
        self._last = Head(link.seq, link.mark)

    def finish(self, before: Head | None, after: Head | None) -> Iterator[Finding]:
        """Compare the end with the head as it was before the chain was read, and as it is now (None: there is none).

        Entries may have been added meanwhile: so the first may be behind the last entry, and the second before it.
        """
        yield from self._ended()
        first, now = before or Head(0, self._genesis), after or Head(0, self._genesis)
        if now.seq < self._last.seq:
            yield Finding(Problem.HEAD, self._chain, now.seq + 1, self._last.seq)
        elif self._last.seq < first.seq:
            yield Finding(Problem.TRUNCATED, self._chain, self._last.seq + 1, first.seq)
        else:
            kept = {**self._marks, self._last.seq: self._last.mark}
            for head in dict.fromkeys((first, now)):
                if head.seq in kept and kept[head.seq] != head.mark:
                    yield Finding(Problem.HEAD, self._chain, head.seq)
                    break
        beyond = [(seq, number) for seq, (_mark, number) in self._seen.items() if seq > self._last.seq]
        if beyond:
            seq, number = min(beyond)
            yield Finding(Problem.TRUNCATED, self._chain, self._last.seq + 1, seq, checkpoint=number)

    def _found(self, problem: Problem, seq: int, until: int) -> Iterator[Finding]:
        """Join what follows on into one finding: a chain that somebody rewrote is one, not a million."""
        run = self._run
        if run is not None and run.problem is problem and run.until == seq - 1:
            self._run = Finding(problem, self._chain, run.seq, until)
            return
        yield from self._ended()
        self._run = Finding(problem, self._chain, seq, until)

    def _ended(self) -> Iterator[Finding]:
        if self._run is not None:
            yield self._run
            self._run = None


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()
