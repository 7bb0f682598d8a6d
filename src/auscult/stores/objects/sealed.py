"""The sealed form of an object: a short header, then chunks that can be opened one by one.

Every chunk is AES-256-GCM under the object's own key. The nonce of chunk *i* is `prefix (7) ‖ i (4) ‖ last? (1)`: the
STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", CRYPTO 2015, https://eprint.iacr.org/2015/189). A chunk that was moved, repeated, dropped from the
end or taken from another object does not open. The header is bound to every chunk as associated data.

    header  = "AUSC" ‖ version (1 byte) ‖ log2 of the chunk size (1 byte) ‖ prefix (7 bytes)
    sealed  = header ‖ chunk 0 ‖ … ‖ chunk n-1, each clear size + 16 bytes; only the last one may be shorter, and
              only the chunk of an empty object is empty
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auscult.domain.errors import ErasedError, TooLargeError
from auscult.trust.sealing import TAG_BYTES

CHUNK_BYTES: Final = 65_536
PREFIX_BYTES: Final = 7
_MAGIC: Final = b"AUSC"
_VERSION: Final = 1
_HEADER: Final = struct.Struct(">4sBB7s")
HEADER_BYTES: Final = _HEADER.size
_MAX_CHUNKS: Final = 2**32
_LOG2_RANGE: Final = range(10, 25)
"""Chunk sizes we would ever open: 1 KiB to 16 MiB. A forged header must not make us allocate more."""


def damaged() -> ErasedError:
    """The error for stored bytes that are not the ones that were put."""
    return ErasedError(
        "The stored bytes of this object were changed, cut off or belong to another.",
        remedy="Restore the object from a backup, and find out who or what wrote to the object store.",
    )


@dataclass(frozen=True, slots=True)
class Header:
    """What is needed beside the key to open chunks: the chunk size (bytes) and the nonce prefix (7 bytes)."""

    chunk_bytes: int
    prefix: bytes

    def __bytes__(self) -> bytes:
        return _HEADER.pack(_MAGIC, _VERSION, self.chunk_bytes.bit_length() - 1, self.prefix)

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read a header. Raises `ErasedError` when it is not one, or of a version from the future."""
        if len(data) != HEADER_BYTES:
            raise damaged()
        magic, version, log2, prefix = _HEADER.unpack(data)
        if magic != _MAGIC or version != _VERSION or log2 not in _LOG2_RANGE:
            raise damaged()
        return cls(1 << log2, prefix)

    def nonce(self, index: int, *, last: bool) -> bytes:
        """The nonce of chunk `index` (12 bytes)."""
        return self.prefix + struct.pack(">IB", index, last)


class Sealer:
    """Seals one object, part by part; holds at most one chunk of clear bytes."""

    def __init__(self, key: bytes, header: Header) -> None:
        """Take the object's 32-byte key, used for this object only."""
        self._cipher = AESGCM(key)
        self._header = header
        self._bound = bytes(header)
        self._held = b""
        self._next = 0

    def add(self, clear: bytes) -> bytes:
        """Take the next clear bytes; return what is ready to be written (often nothing)."""
        data = memoryview(self._held + clear if self._held else clear)
        size = self._header.chunk_bytes
        # the last chunk carries a mark, so a full chunk is held until something follows it
        whole = max(0, (len(data) - 1) // size)
        sealed = b"".join(self._seal(data[i * size : (i + 1) * size], last=False) for i in range(whole))
        self._held = bytes(data[whole * size :])
        return sealed

    def finish(self) -> bytes:
        """The last chunk. Nothing may be added afterwards."""
        sealed = self._seal(self._held, last=True)
        self._held = b""
        return sealed

    def _seal(self, clear: bytes | memoryview, *, last: bool) -> bytes:
        if self._next >= _MAX_CHUNKS:
            raise TooLargeError("The object has more chunks than its counter can number.")
        sealed = self._cipher.encrypt(self._header.nonce(self._next, last=last), clear, self._bound)
        self._next += 1
        return sealed


class Opener:
    """Opens ranges of one sealed object of `size` clear bytes."""

    def __init__(self, key: bytes, header: Header, size: int) -> None:
        """Take the object's key, its header and its clear size (bytes), both from the object's record."""
        self._cipher = AESGCM(key)
        self._header = header
        self._bound = bytes(header)
        self._size = size
        self._chunks = max(1, -(-size // header.chunk_bytes))

    def chunks(self, start: int, end: int) -> range:
        """The chunks that hold the clear bytes `[start, end)`; the one chunk of an empty object holds its nothing."""
        if self._size == 0:
            return range(1)
        return range(start // self._header.chunk_bytes, -(-end // self._header.chunk_bytes))

    def span(self, chunks: range) -> tuple[int, int]:
        """Where those chunks lie in the sealed form: `[start, end)` in bytes."""
        step = self._header.chunk_bytes + TAG_BYTES
        end = HEADER_BYTES + chunks.stop * step
        if chunks.stop == self._chunks:
            end -= self._chunks * self._header.chunk_bytes - self._size
        return HEADER_BYTES + chunks.start * step, end

    def open(self, chunks: range, sealed: bytes) -> bytes:
        """The clear bytes of those chunks. Raises `ErasedError` when any bit is not as it was sealed."""
        start, end = self.span(chunks)
        if len(sealed) != end - start:
            raise damaged()
        step = self._header.chunk_bytes + TAG_BYTES
        view = memoryview(sealed)
        try:
            return b"".join(
                self._cipher.decrypt(
                    self._header.nonce(index, last=index == self._chunks - 1),
                    view[offset : offset + step],
                    self._bound,
                )
                for index, offset in zip(chunks, range(0, len(sealed), step), strict=True)
            )
        except InvalidTag as error:
            raise damaged() from error
