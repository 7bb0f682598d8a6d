"""Every way a request can end badly. Each says what to do next; none holds patient text.

HTTP statuses and exit codes are mapped in one place each: `auscult.api.problems` and `auscult.cli`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar


class AuscultError(Exception):
    """The root of our errors.

    `code` is stable and machine-readable; `reason` tells a person what happened; `remedy` what to do next.
    Neither may hold patient text: both are logged and sent to callers.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    remedy: str = "Try again; if it happens again, run `auscult check`."

    def __init__(self, reason: str, *, remedy: str | None = None, extras: Mapping[str, object] | None = None) -> None:
        """Say what happened; `extras` are machine-readable members of the problem (missing slices, blocking ids)."""
        super().__init__(reason)
        self.reason = reason
        self.extras = dict(extras or {})
        if remedy is not None:
            self.remedy = remedy


class NotFoundError(AuscultError):
    """There is no such thing for this caller (another clinic's thing is answered the same way)."""

    code = "not_found"
    title = "Not found"
    remedy = "Check the address; it may have been moved, merged or discarded."


class ConflictError(AuscultError):
    """Somebody else changed it first, or it is in a state that does not allow this."""

    code = "conflict"
    title = "Changed meanwhile"
    remedy = "Reload to see the newest state, then do it again."


class StaleError(ConflictError):
    """The caller's version (If-Match) is not the newest any more."""

    code = "stale"


class InvalidError(AuscultError):
    """The request itself is wrong: a missing field, a hash that does not match, a bad key."""

    code = "invalid"
    title = "Not acceptable as sent"
    remedy = "Correct the request and send it again."


def invalid_field(field: str, problem: str, reason: str, remedy: str) -> InvalidError:
    """An `InvalidError` that names one field of what was sent, in the shape of the fields of other refused requests.

    `problem` is stable and machine-readable.
    """
    return InvalidError(reason, remedy=remedy, extras={"fields": [{"field": field, "problem": problem}]})


class UnauthenticatedError(AuscultError):
    """We do not know who is asking."""

    code = "unauthenticated"
    title = "Sign in first"
    remedy = "Open the sign-in link that `auscult up` prints, or send a valid API key in X-API-Key."


class SecondFactorError(UnauthenticatedError):
    """The password was right, and the code of the second factor is missing."""

    code = "second_factor"
    title = "A code is needed too"
    remedy = "Enter the code that your authenticator app shows, or one of your recovery codes."


class TooManyRequestsError(AuscultError):
    """Too often in too short a time; `extras["retry_after"]` says in how many seconds again."""

    code = "too_many_requests"
    title = "Too often"
    remedy = "Wait a moment, then try again."

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float = 1,
        remedy: str | None = None,
        extras: Mapping[str, object] | None = None,
    ) -> None:
        """`retry_after` is in seconds, and rounded up."""
        seconds = max(1, math.ceil(retry_after))
        super().__init__(reason, remedy=remedy, extras={"retry_after": seconds, **(extras or {})})


class ForbiddenError(AuscultError):
    """We know who is asking, and they may not."""

    code = "forbidden"
    title = "Not allowed"
    remedy = "Ask the clinic's administrator for the right to do this."


class OutsideCareTeamError(ForbiddenError):
    """The clinic has care teams, and this clinician is not in this patient's; `extras["patient_id"]` says whose."""

    code = "outside_care_team"
    title = "Not in the care team"
    remedy = "Give a reason to open the record (`POST /patients/{patient_id}/break-glass`)."


class TooLargeError(AuscultError):
    """More bytes than allowed; measured while streaming, whatever was declared."""

    code = "too_large"
    title = "Too large"
    remedy = "Split the recording, or raise AUSCULT_MAX_UPLOAD_BYTES."


class UnsupportedMediaError(AuscultError):
    """A content type that this door does not take."""

    code = "unsupported_media"
    title = "Unsupported content type"
    remedy = "Send audio (WebM, Ogg, MP4/M4A, MP3, WAV, FLAC or AAC) with its own content type."


class GoneError(AuscultError):
    """It was there and has expired or been withdrawn."""

    code = "gone"
    title = "No longer available"
    remedy = "Ask for a new link."


class StorageFullError(AuscultError):
    """The disk or bucket refuses more. What was stored before is intact."""

    code = "storage_full"
    title = "No space left"
    remedy = "Free disk space or raise the quota, then send it again; nothing stored before was harmed."


class UnreadableAudioError(AuscultError):
    """The bytes are not audio that can be decoded."""

    code = "unreadable_audio"
    title = "The recording cannot be read"
    remedy = "Record again, or convert the file to WebM, MP3, M4A, WAV or FLAC."


class NoSpeechError(AuscultError):
    """It was decoded, and nobody speaks in it."""

    code = "no_speech"
    title = "No speech found"
    remedy = "Check the microphone (is the right one chosen, is it muted?) and record again."


class EngineMissingError(AuscultError):
    """A role's maker is not provisioned on this machine; the remedy is the command that gets it."""

    code = "engine_missing"
    title = "Engine not provisioned"
    remedy = "Run `auscult check` to see what is missing and how to get it."


class EngineFailedError(AuscultError):
    """A maker was there, tried, and failed; trying again may help."""

    code = "engine_failed"
    title = "An engine failed"
    remedy = "Retry; if it fails again, choose another engine in the settings."


class ErasedError(AuscultError):
    """The key that sealed this is gone: the patient was erased, or the key store was lost."""

    code = "erased"
    title = "This record cannot be opened"
    remedy = "If the patient was not erased, restore the key store from its escrow copy."


class CancelledError(AuscultError):
    """A person stopped it."""

    code = "cancelled"
    title = "Cancelled"
    remedy = "Start it again when you want it."


class UnavailableError(AuscultError):
    """Too busy or a dependency is down; nothing was lost."""

    code = "unavailable"
    title = "Not available right now"
    remedy = "Wait a moment and try again."
