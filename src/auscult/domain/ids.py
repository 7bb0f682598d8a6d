"""Typed identifiers: a prefix that says what it names, and a ULID that sorts by time of issue.

The prefixes are part of the public contract: `PAT_…`, `ENC_…`, `NOTE_…`, `RPT_…`, `REC_…`.
ULID: https://github.com/ulid/spec (26 characters, Crockford base 32).
"""

from __future__ import annotations

import re
from typing import Final, NewType

ClinicId = NewType("ClinicId", str)
UserId = NewType("UserId", str)
PatientId = NewType("PatientId", str)
RecordingId = NewType("RecordingId", str)
NoteId = NewType("NoteId", str)
TurnId = NewType("TurnId", str)
QueueEntryId = NewType("QueueEntryId", str)
EventId = NewType("EventId", str)
JobId = NewType("JobId", str)
SubjectId = NewType("SubjectId", str)
"""Whose key seals a document: a patient's id, or `UNFILED`."""

UNFILED: Final = SubjectId("unfiled")
"""The subject of a recording that belongs to no patient yet."""

_ID = re.compile(r"^(?:CLN|USR|PAT|ENC|QUE|REC|NOTE|RPT|EVT|SES|KEY|DEV|UPL|AUD|REQ|BTG)_[0-9A-HJKMNP-TV-Z]{26}$")


def is_id(text: str, prefix: str) -> bool:
    """Tell whether `text` is a well-formed id with that prefix (`"REC"`), without saying that it exists."""
    return text.startswith(f"{prefix}_") and _ID.match(text) is not None
