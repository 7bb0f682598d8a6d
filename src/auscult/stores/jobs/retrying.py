"""Which errors are worth another attempt, and how a failure outlives the process that met it.

Only an error of ours is written down with its words: its reason and remedy hold no patient text by contract. Of any
other only the type's name is kept, because its message may quote what it choked on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auscult.domain.errors import (
    AuscultError,
    CancelledError,
    EngineMissingError,
    ErasedError,
    ForbiddenError,
    GoneError,
    InvalidError,
    NoSpeechError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnreadableAudioError,
    UnsupportedMediaError,
)
from auscult.domain.recording import Failure

FINAL_ERRORS: Final[tuple[type[AuscultError], ...]] = (
    CancelledError,
    EngineMissingError,
    ErasedError,
    ForbiddenError,
    GoneError,
    InvalidError,
    NoSpeechError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnreadableAudioError,
    UnsupportedMediaError,
)
"""The same input gives the same answer: only a person (another file, an engine installed) can change it."""


def is_final(error: BaseException) -> bool:
    """Tell whether another attempt would be wasted.

    An error may say so itself with a boolean attribute `final`; otherwise it is final when it is a `FINAL_ERRORS`.
    """
    said = getattr(error, "final", None)
    return said if isinstance(said, bool) else isinstance(error, FINAL_ERRORS)


def failure_of(error: BaseException) -> Failure:
    """Return what may be kept of an error: code, reason and remedy, free of patient text."""
    if isinstance(error, AuscultError):
        return Failure.of(error)
    return Failure(
        code=AuscultError.code,
        reason=f"It stopped with an unexpected error ({type(error).__name__}).",
        remedy=AuscultError.remedy,
    )


def error_of(failure: Failure) -> AuscultError:
    """Rebuild the error that `failure_of` described; an unknown code gives the root of our errors."""
    kind = next((kind for kind in _kinds(AuscultError) if kind.code == failure.code), AuscultError)
    return kind(failure.reason, remedy=failure.remedy)


def _kinds(root: type[AuscultError]) -> Iterator[type[AuscultError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)
