"""Content types of recordings that are taken, and the file extension that each upload key gets."""

from __future__ import annotations

from typing import Final

from auscult.domain.errors import UnsupportedMediaError

EXTENSIONS: Final[dict[str, str]] = {
    "audio/webm": "webm",
    "video/webm": "webm",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/m4a": "m4a",
    "video/mp4": "mp4",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/flac": "flac",
    "audio/x-flac": "flac",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/3gpp": "3gp",
}
"""Media types (https://www.iana.org/assignments/media-types, and the `x-` ones that browsers still send)."""


def media_type(content_type: str) -> str:
    """Return the accepted type without parameters (`audio/webm;codecs=opus` → `audio/webm`).

    Raises `UnsupportedMediaError`.
    """
    bare = content_type.partition(";")[0].strip().lower()
    if bare not in EXTENSIONS:
        raise UnsupportedMediaError("This content type is not a recording that can be taken.")
    return bare


def content_type_of(filename: str) -> str:
    """Guess the content type from a file's extension; unknown ones are tried as WebM, since bytes decide in the end."""
    extension = filename.rpartition(".")[2].lower()
    return next((kind for kind, known in EXTENSIONS.items() if known == extension), "audio/webm")
