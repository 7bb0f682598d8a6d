"""The front door: health, signing in and out, what the engines are, the sample, live events."""

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
from auscult.api.audited import asked
from auscult.api.callers import SESSION_COOKIE, Clinician, ServicesOf, Staff, Way, admit, clinic_given, services_of
from auscult.api.json_bodies import JsonRoute
from auscult.api.sent import PreferencesChange, PullRequest
from auscult.api.views import EnginesView, Me, PreferencesView, PullView, RecordingView
from auscult.clinic import Clinic
from auscult.domain.errors import GoneError, NotFoundError, UnauthenticatedError
from auscult.flows import access, preferences, sample
from auscult.flows.live import follow

router = APIRouter(route_class=JsonRoute)
ClinicOf = Annotated[Clinic, Depends(clinic_given)]
HEARTBEAT_SECONDS = 15
_SEQUENCE = re.compile(r"[0-9]{1,18}")
"""What we number events with; anything else in Last-Event-ID is not ours and is passed over."""


@router.get("/", tags=["health"])
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


@router.get("/health/ready", tags=["health"])
async def ready(clinic: ClinicOf) -> Response:
    """Every store answers; 503 while one does not."""
    found = await clinic.health()
    body = {"status": "ok" if found.good else "degraded", **found.model_dump(mode="json")}
    return JSONResponse(body, status_code=200 if found.good else 503)


@router.get("/sign-in", tags=["access"], include_in_schema=False)
async def sign_in(request: Request, token: str, way: Way) -> Response:
    """Exchange a one-time link for a session. A browser whose link is used or old is sent to where the app helps on."""
    try:
        session_token, session = await access.sign_in(services_of(request), token, way)
    except (GoneError, UnauthenticatedError):
        asked(request).refused = True
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return RedirectResponse("/app/?sign-in=used", status_code=303, headers={"Cache-Control": "no-store"})
    response = RedirectResponse("/app/", status_code=303)
    response.set_cookie(
        SESSION_COOKIE,
        session_token,
        max_age=int((session.expires_at - session.created_at).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/sign-out", status_code=204, tags=["access"])
async def sign_out(request: Request, services: ServicesOf, actor: Staff) -> Response:
    """End this browser's session."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is not None:
        await access.sign_out(services, token, actor.via)
        asked(request).via.trace.wrote = True
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@router.get("/me", tags=["access"])
async def me(actor: Staff, clinic: ClinicOf) -> Me:
    """Who is signed in."""
    return Me(
        user_id=actor.user_id,
        name=actor.name,
        role=actor.role.value,
        clinic_id=actor.clinic_id,
        clinic_name=clinic.settings.clinic_name,
    )


@router.get("/me/preferences", tags=["access"])
async def read_preferences(actor: Staff, services: ServicesOf) -> PreferencesView:
    """How the caller likes to work."""
    return PreferencesView(template=(await preferences.of(services, actor)).template)


@router.patch("/me/preferences", tags=["access"])
async def change_preferences(body: PreferencesChange, actor: Staff, services: ServicesOf) -> PreferencesView:
    """Keep what the caller prefers from now on."""
    return PreferencesView(template=(await preferences.change(services, actor, template=body.template)).template)


@router.get("/engines", tags=["engines"])
async def engines(clinic: ClinicOf, _actor: Staff) -> EnginesView:
    """What every role is bound to, what is missing, and which Whisper sizes fit this machine."""
    return EnginesView.model_validate(
        {
            "roles": [role.model_dump() for role in clinic.roles()],
            "whisper": clinic.whisper().model_dump(),
            "pull": clinic.downloads.state.model_dump() if clinic.downloads.state else None,
        }
    )


@router.post("/engines/whisper/pull", status_code=202, tags=["engines"])
async def pull(body: PullRequest, clinic: ClinicOf, actor: Staff) -> PullView:
    """Download a Whisper size; progress comes as `model_progress` events."""
    return PullView.model_validate(clinic.start_download(actor, body.size).model_dump())


@router.post("/engines/whisper/cancel", status_code=202, tags=["engines"])
async def cancel_pull(clinic: ClinicOf, _actor: Staff) -> PullView:
    """Stop the download under way."""
    state = await clinic.downloads.cancel()
    if state is None:
        raise NotFoundError("Nothing is being downloaded.")
    return PullView.model_validate(state.model_dump())


@router.post("/sample", status_code=202, tags=["sample"])
async def start_sample(services: ServicesOf, actor: Clinician) -> RecordingView:
    """Start the bundled consultation; harmless to repeat."""
    return RecordingView.of(await sample.start(services, actor))


@router.get("/sample", tags=["sample"])
async def read_sample(services: ServicesOf, actor: Clinician) -> RecordingView:
    """The bundled consultation, once it was started."""
    found = await sample.find(services, actor)
    if found is None:
        raise NotFoundError("The sample was not started yet.", remedy="POST /sample starts it.")
    return RecordingView.of(found)


@router.get("/events", tags=["events"], response_class=EventSourceResponse)
async def events(
    request: Request, clinic: ClinicOf, _actor: Staff, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """The clinic's events as they happen, replayed from Last-Event-ID; ids and numbers only.

    The stream ends when the session or the key that opened it does.
    """
    after = int(last_event_id) if last_event_id and _SEQUENCE.fullmatch(last_event_id) else None

    async def stream() -> AsyncIterator[Any]:
        yield ServerSentEvent(comment="open", retry=1000)
        async with aclosing(follow(clinic.services, clinic.feed, lambda: admit(request), after)) as told:
            async for event in told:
                yield ServerSentEvent(id=str(event.seq), event=event.name, data=_json(event.envelope()))

    return EventSourceResponse(stream(), ping=HEARTBEAT_SECONDS, headers={"Cache-Control": "no-store"})


def _json(envelope: dict[str, str | int | float]) -> str:
    return json.dumps(envelope, separators=(",", ":"))
