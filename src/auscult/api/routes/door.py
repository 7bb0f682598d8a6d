"""The front door: health, what the engines are, the sample, live events."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

import auscult
from auscult.api.callers import Clinician, ClinicOf, ServicesOf, Staff, admit_anew, needs
from auscult.api.declared import STREAM, HealthView, ServiceHealthView
from auscult.api.json_bodies import JsonRoute
from auscult.api.sent import PullRequest
from auscult.api.views import EnginesView, PullView, RecordingView
from auscult.domain.access import Scope
from auscult.domain.errors import NotFoundError
from auscult.flows import sample
from auscult.flows.live import follow

router = APIRouter(route_class=JsonRoute)
CLINIC, EVENTS, RECORDINGS = (Depends(needs(one)) for one in (Scope.CLINIC, Scope.EVENTS, Scope.RECORDINGS))
HEARTBEAT_SECONDS = 15
_SEQUENCE = re.compile(r"[0-9]{1,18}")
"""What we number events with; anything else in Last-Event-ID is not ours and is passed over."""


@router.get(
    "/",
    tags=["health"],
    responses={200: {"model": ServiceHealthView}, 303: {"description": "To the app, for a browser."}},
)
async def health(request: Request, clinic: ClinicOf) -> Response:
    """Health as JSON without details; a browser is sent to the app.

    The stores are really asked, but not by every caller: `checked_at` says when they were, seconds ago at most.
    """
    accept = request.headers.get("accept", "")
    if "text/html" in accept and "application/json" not in accept:
        return RedirectResponse("/app/", status_code=303, headers={"Vary": "Accept"})
    found = await clinic.health()
    body = {
        "service": "auscult",
        "status": "ok" if found.good else "degraded",
        "version": auscult.__version__,
        **found.model_dump(mode="json"),
    }
    return JSONResponse(body, headers={"Vary": "Accept"})


@router.get("/health/live", tags=["health"])
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get(
    "/health/ready",
    tags=["health"],
    responses={200: {"model": HealthView}, 503: {"model": HealthView, "description": "A store does not answer."}},
)
async def ready(clinic: ClinicOf) -> Response:
    """Every store answers; 503 while one does not."""
    found = await clinic.health()
    body = {"status": "ok" if found.good else "degraded", **found.model_dump(mode="json")}
    return JSONResponse(body, status_code=200 if found.good else 503)


@router.get("/engines", tags=["engines"], dependencies=[CLINIC])
async def engines(clinic: ClinicOf, _actor: Staff) -> EnginesView:
    """What every role is bound to, what is missing, and which Whisper sizes fit this machine."""
    return EnginesView.model_validate(
        {
            "roles": [role.model_dump() for role in clinic.roles()],
            "whisper": clinic.whisper().model_dump(),
            "pull": clinic.downloads.state.model_dump() if clinic.downloads.state else None,
        }
    )


@router.post("/engines/whisper/pull", status_code=202, tags=["engines"], dependencies=[CLINIC])
async def pull(body: PullRequest, clinic: ClinicOf, actor: Staff) -> PullView:
    """Download a Whisper size; progress comes as `model_progress` events."""
    return PullView.model_validate(clinic.start_download(actor, body.size).model_dump())


@router.post("/engines/whisper/cancel", status_code=202, tags=["engines"], dependencies=[CLINIC])
async def cancel_pull(clinic: ClinicOf, _actor: Staff) -> PullView:
    """Stop the download under way."""
    state = await clinic.downloads.cancel()
    if state is None:
        raise NotFoundError("Nothing is being downloaded.")
    return PullView.model_validate(state.model_dump())


@router.post("/sample", status_code=202, tags=["sample"], dependencies=[RECORDINGS])
async def start_sample(services: ServicesOf, actor: Clinician) -> RecordingView:
    """Start the bundled consultation; harmless to repeat."""
    return RecordingView.of(await sample.start(services, actor))


@router.get("/sample", tags=["sample"], dependencies=[RECORDINGS])
async def read_sample(services: ServicesOf, actor: Clinician) -> RecordingView:
    """The bundled consultation, once it was started."""
    found = await sample.find(services, actor)
    if found is None:
        raise NotFoundError("The sample was not started yet.", remedy="POST /sample starts it.")
    return RecordingView.of(found)


@router.get("/events", tags=["events"], response_class=EventSourceResponse, responses=STREAM, dependencies=[EVENTS])
async def events(
    request: Request, clinic: ClinicOf, _actor: Staff, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """The clinic's events as they happen, replayed from Last-Event-ID; ids and numbers only.

    The stream ends when the session or the key that opened it does.
    """
    after = int(last_event_id) if last_event_id and _SEQUENCE.fullmatch(last_event_id) else None

    async def stream() -> AsyncIterator[Any]:
        yield ServerSentEvent(comment="open", retry=1000)
        async with aclosing(follow(clinic.services, clinic.feed, lambda: admit_anew(request), after)) as told:
            async for event in told:
                yield ServerSentEvent(id=str(event.seq), event=event.name, data=_json(event.envelope()))

    return EventSourceResponse(stream(), ping=HEARTBEAT_SECONDS, headers={"Cache-Control": "no-store"})


def _json(envelope: dict[str, str | int | float]) -> str:
    return json.dumps(envelope, separators=(",", ":"))
