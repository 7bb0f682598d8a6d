"""What the OpenAPI document says of answers that are no view of ours: problems, bytes, redirects.

The framework declares every model as `application/json`. Problems have a media type of their own (RFC 9457, section 3),
and a client that goes by the document has to meet what is sent.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from auscult.api.problems import MEDIA_TYPE, Problem

Responses = dict[int | str, dict[str, Any]]

PROBLEMS: Final[Responses] = {
    "4XX": {"model": Problem, "description": "A problem; `remedy` says what to do next."},
    "5XX": {
        "model": Problem,
        "description": (
            "A problem of ours: 503 with Retry-After while a store or an engine is missing, 507 while the disk is full."
        ),
    },
}
"""What every route may answer."""

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_MEDIA: Final = {"audio/*": _BYTES, "video/*": _BYTES}
"""A browser records into a container of video too."""
SOUND: Final[Responses] = {
    200: {"description": "The whole sound, in the type that it was recorded in.", "content": _MEDIA},
    206: {
        "description": "The bytes that Range asks for.",
        "content": _MEDIA,
        "headers": {"Content-Range": {"schema": {"type": "string"}, "required": True}},
    },
}
STREAM: Final[Responses] = {
    200: {
        "description": "Server-sent events, without end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class HealthView(BaseModel):
    """`ok`, or `degraded` while a store or the writer does not answer; `checks` says which."""

    status: str
    checks: dict[str, str]
    checked_at: str


class ServiceHealthView(HealthView):
    """The same, and what is asked."""

    service: str
    version: str


class ResultView(BaseModel):
    """What came of an upload. A whole result says `ready`; one that is not says why, and what to do."""

    audio_key: str
    transcript: str
    diagnosis: str
    medications: list[str]
    follow_up: str
    notes: str
    status: str
    medication_details: list[dict[str, Any]] = []
    note_id: str = ""
    recording_id: str = ""
    demo_quality: bool = False
    reason: str = ""
    remedy: str = ""


class NoResultView(BaseModel):
    """`processing` until there is a result, `unknown` for a key that was never issued."""

    status: str


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with every problem under the media type that it is sent in."""
    reference = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    for operations in document["paths"].values():
        for operation in operations.values():
            for status in PROBLEMS:
                operation["responses"][status]["content"] = {MEDIA_TYPE: {"schema": reference}}
    return document
