"""Whether a file's last bytes are missing, for containers whose decoder does not say.

Each check reads a few bytes only. A live recorder's file has neither a length nor an index (MediaRecorder's WebM): that
is normal, and such a file counts as cut only when it ends inside a block.
"""

from __future__ import annotations

import struct
from typing import Final

from auscult.engines.speech import Bytes

_WAV_UNKNOWN: Final = frozenset({0, 0x7FFFFFFF, 0xFFFFFFFF})
"""Data lengths that streaming writers leave in a header they cannot go back to."""
_WAV_CHUNKS: Final = 64
_OGG_TAIL: Final = 1 << 17
"""Two Ogg pages at their largest (RFC 3533: 65,307 bytes each)."""
_XING_HEAD: Final = 1 << 18
_EBML_WALK: Final = 4096
_EBML_CONTAINERS: Final = frozenset({0x18538067, 0x1F43B675, 0xA0})
"""Segment, Cluster and BlockGroup (RFC 8794, RFC 9559): their content is walked, not skipped."""


def size_of(source: Bytes) -> int:
    """The number of bytes in a source; its position is kept."""
    here = source.tell()
    end = source.seek(0, 2)
    source.seek(here)
    return end if isinstance(end, int) else source.tell()


def head_of(source: Bytes, length: int = 64) -> bytes:
    """The first bytes of a source; its position is kept."""
    return _at(source, 0, length)


def wav_cut(source: Bytes) -> bool:
    """True when a WAV header declares more sound than the file holds."""
    size, position = size_of(source), 12
    if _at(source, 0, 4) != b"RIFF":
        return False  # RF64 and its kin keep the true length elsewhere
    for _ in range(_WAV_CHUNKS):
        header = _at(source, position, 8)
        if len(header) < 8:
            return False
        name, length = header[:4], struct.unpack("<I", header[4:])[0]
        if name == b"data":
            return length not in _WAV_UNKNOWN and position + 8 + length > size
        position += 8 + length + length % 2
    return False


def ogg_cut(source: Bytes) -> bool:
    """True when the last Ogg page is not whole."""
    size = size_of(source)
    tail = _at(source, max(0, size - _OGG_TAIL), _OGG_TAIL)
    start = tail.rfind(b"OggS")
    if start < 0 or len(tail) < start + 27:
        return True
    segments = tail[start + 26]
    lacing = tail[start + 27 : start + 27 + segments]
    return len(lacing) < segments or start + 27 + segments + sum(lacing) > len(tail)


def webm_cut(source: Bytes, block: int, payload: int) -> bool:
    """True when a WebM ends inside an element.

    `block` is where the content of the last decoded block starts (its track number, then three bytes of time and
    flags), and `payload` how many bytes of sound it holds; what follows is walked to the end.
    """
    track = _at(source, block, 1)
    size, position = size_of(source), block + (_vint_length(track[0]) if track else 0) + 3 + payload
    for _ in range(_EBML_WALK):
        if position >= size:
            return position > size
        header = _at(source, position, 12)
        id_length = _vint_length(header[0]) if header else 0
        if not 1 <= id_length <= 4 or len(header) <= id_length:
            return True
        length_length = _vint_length(header[id_length])
        if not 1 <= length_length <= 8 or len(header) < id_length + length_length:
            return True
        element = int.from_bytes(header[:id_length], "big")
        mask = (1 << (7 * length_length)) - 1
        length = int.from_bytes(header[id_length : id_length + length_length], "big") & mask
        position += id_length + length_length
        if element not in _EBML_CONTAINERS:
            position += length
    return False


def mp3_length_is_declared(source: Bytes) -> bool:
    """True when an MP3 says how long it is (a Xing, Info or VBRI header); otherwise its length is only a guess."""
    head = _at(source, 0, _XING_HEAD)
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))


def _vint_length(first: int) -> int:
    return 9 - first.bit_length() if first else 0


def _at(source: Bytes, position: int, length: int) -> bytes:
    here = source.tell()
    source.seek(position)
    pieces: list[bytes] = []
    while length > 0 and (piece := source.read(length)):
        pieces.append(piece)
        length -= len(piece)
    source.seek(here)
    return b"".join(pieces)
