"""Errors as problem details: the one map from our typed errors to HTTP.

RFC 9457: https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auscult.api import refusals
from auscult.api.ranges import RangeError
from auscult.domain import errors

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[dict[type[errors.AuscultError], int]] = {
    errors.NotFoundError: 404,
    errors.StaleError: 412,
    errors.ConflictError: 409,
    errors.InvalidError: 422,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.TooLargeError: 413,
    errors.UnsupportedMediaError: 415,
    errors.GoneError: 410,
    errors.StorageFullError: 507,
    errors.UnreadableAudioError: 422,
    errors.NoSpeechError: 422,
    errors.EngineMissingError: 503,
    errors.EngineFailedError: 502,
    errors.ErasedError: 410,
    errors.CancelledError: 409,
    errors.UnavailableError: 503,
    RangeError: 416,
    refusals.MalformedError: 400,
    refusals.UnknownHostError: 400,
    refusals.PreconditionRequiredError: 428,
    errors.AuscultError: 500,
}

log = structlog.get_logger("auscult.api")


class Problem(BaseModel):
    """A problem document. `code` is stable; `remedy` says what to do next."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Not found",
                "status": 404,
                "detail": "There is no such recording.",
                "code": "not_found",
                "remedy": "Check the address; it may have been moved, merged or discarded.",
            }
        },
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str
    remedy: str = Field(default="", description="What to do next, for a person.")


def status_of(error: errors.AuscultError) -> int:
    """The HTTP status of one of our errors."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(error: errors.AuscultError) -> JSONResponse:
    """One of our errors as a response. What the error adds never takes the place of a member that problems have."""
    status = status_of(error)
    body = Problem(title=error.title, status=status, detail=error.reason, code=error.code, remedy=error.remedy)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    if isinstance(error, RangeError):
        headers["Content-Range"] = f"bytes */{error.extras['size']}"
    return JSONResponse(
        {**error.extras, **body.model_dump()}, status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


class Faults:
    """Turns what no handler expected into a problem, inside all other middleware, so that it carries their headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for it when it fails before it has answered."""
        answered = False

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            # The type names the fault; the message could repeat what a patient said.
            log.error("unexpected_error", kind=type(error).__name__)  # noqa: TRY400 (the traceback quotes the message)
            if scope["type"] != "http" or answered:
                raise
            await problem(errors.AuscultError("The server met an unexpected fault."))(scope, receive, send)


def install(app: FastAPI) -> None:
    """Turn every error that leaves a route into a problem document. None of them repeats what was sent."""

    @app.exception_handler(errors.AuscultError)
    async def ours(_request: Request, error: errors.AuscultError) -> Response:
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        fields = [{"field": _place(one), "problem": one["type"]} for one in error.errors()]
        return problem(errors.InvalidError("Some fields are missing or wrong.", extras={"fields": fields}))

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        title = HTTPStatus(error.status_code).phrase
        body: dict[str, Any] = Problem(
            title=title,
            status=error.status_code,
            code=title.lower().replace(" ", "_"),
            remedy="See /openapi.json for the routes and what they take.",
        ).model_dump()
        return JSONResponse(
            body, status_code=error.status_code, media_type=MEDIA_TYPE, headers=dict(error.headers or {})
        )


def _place(fault: dict[str, Any]) -> str:
    """Where in the request something is wrong, in names of ours: a field that we do not know is named by the sender."""
    where = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
    return ".".join(str(part) for part in where)
