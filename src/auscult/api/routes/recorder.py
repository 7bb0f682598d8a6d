"""The Clinical Recorder's contract: an upload URL, one PUT, and the result under its key."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from auscult.api import bodies
from auscult.api.addresses import absolute
from auscult.api.callers import Recorder, ServicesOf, Way, needs
from auscult.api.declared import NoResultView, ResultView
from auscult.api.views import UploadUrl
from auscult.domain.access import Scope
from auscult.domain.actor import system_actor
from auscult.domain.errors import InvalidError, NotFoundError, UnsupportedMediaError
from auscult.domain.media import media_type
from auscult.flows import record
from auscult.flows.result import result_of

router = APIRouter(tags=["recorder"])
_SCOPE = Depends(needs(Scope.RECORDINGS))


@router.get("/get-upload-url", dependencies=[Depends(needs(Scope.RECORDINGS, writes=True))])
async def get_upload_url(
    request: Request, services: ServicesOf, actor: Recorder, content_type: str = "audio/webm"
) -> UploadUrl:
    """A URL that takes one PUT of one recording for 300 s, and the key under which its result is asked for."""
    recording = await record.open_recording(services, actor, content_type=content_type, live=False)
    url = await record.upload_url(services, actor, recording)
    return UploadUrl(upload_url=absolute(request, url), key=recording.upload_key)


@router.put("/objects/put/{path:path}", include_in_schema=False)
async def put_object(request: Request, services: ServicesOf, way: Way) -> Response:
    """Take the one PUT of a signed URL of ours. The signature is the caller's right to it."""
    grant = await services.objects.verify_upload(f"{request.url.path}?{request.url.query}")
    sent = media_type(request.headers.get("content-type", ""))
    if sent != grant.content_type:
        raise UnsupportedMediaError(
            "The content type is not the one that this URL was made for.",
            remedy=f"Send Content-Type: {grant.content_type}.",
        )
    bodies.refuse_declared(request, grant.max_bytes)
    await record.store_upload(
        services,
        system_actor(grant.clinic_id).model_copy(update={"via": way}),
        grant.key,
        bodies.stream(request, grant.max_bytes),
        content_type=grant.content_type,
        max_bytes=grant.max_bytes,
    )
    return Response(status_code=200)


@router.get(
    dependencies=[_SCOPE],
    path="/result/{key:path}",
    responses={
        200: {
            "model": ResultView,
            "content": {
                "application/json": {
                    "example": {
                        "audio_key": "uploads/5f0c….webm",
                        "transcript": "Clinician: What brings you in today? …",
                        "diagnosis": "Acute bronchitis.",
                        "medications": ["doxycycline 100 mg twice daily for 5 days"],
                        "follow_up": "Review in one week.",
                        "notes": "…",
                    }
                }
            },
        },
        404: {
            "model": NoResultView,
            "description": "There is no result yet, or will be none.",
            "content": {"application/json": {"example": {"status": "processing"}}},
        },
    },
)
async def result(key: str, services: ServicesOf, actor: Recorder) -> Response:
    """The result of an upload; 404 `{"status": "processing"}` until it is there, `unknown` for a key never issued."""
    try:
        recording = (await record.by_upload_key(services, actor, key)).value
    except (NotFoundError, InvalidError):  # also what no key of ours could be: it was never issued
        return JSONResponse({"status": "unknown"}, status_code=404)
    recording = await record.adopt_upload(services, actor, recording)
    answer: dict[str, Any] | None = await result_of(services, actor, recording)
    if answer is None:
        return JSONResponse({"status": "processing"}, status_code=404)
    return JSONResponse(answer)
