"""The HTTP application of one clinic: routes, problem details, security headers, and the web app under /app/."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import auscult
from auscult.api import problems, web
from auscult.api.routes import door, notes, patients, recorder, recordings
from auscult.clinic import Clinic

CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
"""Scripts only from us. Styles may be inline, because the component library positions with style attributes."""

_HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(self), geolocation=()",
}


class SecurityHeaders:
    """Adds the security headers to every response, also to errors and streams."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the headers back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


def create_app(clinic: Clinic | None) -> FastAPI:
    """The application that serves this clinic (None: only for its OpenAPI document)."""
    app = FastAPI(
        title="Auscult",
        version=auscult.__version__,
        summary="A consultation, heard, becomes a note that shows where every sentence came from.",
        docs_url=None,
        redoc_url=None,
        responses={
            "4XX": {"model": problems.Problem, "description": "A problem; `remedy` says what to do next."},
        },
    )
    app.state.clinic = clinic
    for routes in (door, recorder, recordings, notes, patients):
        app.include_router(routes.router)
    problems.install(app)
    web.mount(app)
    app.add_middleware(SecurityHeaders)
    if clinic is not None:
        if clinic.settings.cors_origins:
            app.add_middleware(
                CORSMiddleware,
                allow_origins=list(clinic.settings.cors_origins),
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["Content-Type", "X-API-Key", "Authorization", "X-Content-SHA256", "If-Match"],
                expose_headers=["ETag", "Retry-After"],
            )
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(clinic), www_redirect=False)
    return app


def _hosts(clinic: Clinic) -> list[str]:
    """The host names that requests may name: others are a page that rebinds its own name to our address."""
    names = {"localhost", "127.0.0.1", "[::1]", clinic.settings.host}
    if clinic.settings.public_url:
        names.add(urlsplit(clinic.settings.public_url).hostname or "localhost")
    return sorted(names)
