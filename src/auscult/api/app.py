"""The HTTP application of one clinic: routes, problem details, security headers, and the web app under /app/."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import auscult
from auscult.api import declared, metrics, problems, web
from auscult.api.audited import Audited
from auscult.api.forwarded import ProxyHeadersMiddleware, PublicScheme
from auscult.api.hosts import KnownHosts, host_of
from auscult.api.rates import Rates
from auscult.api.routes import (
    access,
    audit,
    care_team,
    door,
    notes,
    patients,
    people,
    phone,
    queue,
    recorder,
    recordings,
)
from auscult.clinic import Clinic

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(self), geolocation=()",
}


def content_security_policy(upload_origin: str = "") -> str:
    """Everything only from us; a browser may also send uploads to `upload_origin`, where a bucket takes them."""
    connect = f"'self' {upload_origin}".strip()
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self' blob:; connect-src {connect}; "
        "worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    )


_STAY_ENCRYPTED: Final = ("Strict-Transport-Security", "max-age=31536000")
"""A year, as https://hstspreload.org asks at least; other hosts of the same domain are not ours to decide for."""


class SecurityHeaders:
    """Adds the security headers to every response, also to errors and streams.

    Strict-Transport-Security stands in encrypted answers only (RFC 6797, section 7.2), and only where the host has a
    name of its own: browsers do not keep it for an address (section 8.1.1), and for `localhost` it would lock out
    whatever else is developed on that machine. With the clinic's own authority (`lan`) it is never sent: a phone that
    has not trusted it yet would then be refused without a way on (section 8.4).
    """

    def __init__(self, app: ASGIApp, policy: str, *, lan: bool = False) -> None:
        self._app = app
        self._headers = {**_HEADERS, "Content-Security-Policy": policy}
        self._lan = lan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the headers back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        lasting = scope["scheme"] == "https" and not self._lan and _has_a_name(host_of(scope))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if lasting:
                    headers.setdefault(*_STAY_ENCRYPTED)
            await send(message)

        await self._app(scope, receive, with_headers)


def _has_a_name(host: str | None) -> bool:
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


class Application(FastAPI):
    """FastAPI, whose document says in what media type problems are sent."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = declared.with_problems(super().openapi())
        return self.openapi_schema


def create_app(clinic: Clinic | None) -> FastAPI:
    """The application that serves this clinic (None: only for its OpenAPI document)."""
    app = Application(
        title="Auscult",
        version=auscult.__version__,
        summary="A consultation, heard, becomes a note that shows where every sentence came from.",
        docs_url=None,
        redoc_url=None,
        responses=declared.PROBLEMS,
    )
    app.state.clinic = clinic
    if clinic is not None:
        app.state.rates = Rates(clinic.settings.rates_url, off=not clinic.settings.rates)
    for routes in (
        door,
        access,
        people,
        recorder,
        recordings,
        notes,
        patients,
        care_team,
        queue,
        phone,
        audit,
        metrics,
    ):
        app.include_router(routes.router)
    problems.install(app)
    web.mount(app)
    app.add_middleware(problems.Faults)
    if clinic is not None:
        app.add_middleware(Audited, clinic=clinic)
        if clinic.settings.cors_origins:
            app.add_middleware(
                CORSMiddleware,
                allow_origins=list(clinic.settings.cors_origins),
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=[
                    "Content-Type",
                    "X-API-Key",
                    "Authorization",
                    "X-Content-SHA256",
                    "If-Match",
                    "Idempotency-Key",
                ],
                expose_headers=["ETag", "Retry-After"],
            )
        app.state.addresses = set()
        app.add_middleware(KnownHosts, hosts=_hosts(clinic), changing=app.state.addresses)
    # Outside all that answers, so that no answer is without them: a refused host's and a preflight's neither.
    lan = clinic is not None and clinic.settings.lan
    app.add_middleware(SecurityHeaders, policy=content_security_policy(_upload_origin(clinic)), lan=lan)
    app.state.metrics = metrics.Metrics()
    app.add_middleware(metrics.Measured, metrics=app.state.metrics)
    if clinic is not None:
        public = urlsplit(clinic.settings.public_url)
        if public.scheme == "https" and public.hostname:
            app.add_middleware(PublicScheme, host=public.hostname)
        if clinic.settings.trusted_proxies:
            app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(clinic.settings.trusted_proxies))
    return app


def _upload_origin(clinic: Clinic | None) -> str:
    """Where browsers PUT their uploads, when that is not here: the origin of the bucket."""
    if clinic is None or not clinic.settings.objects_url:
        return ""
    if clinic.settings.s3_endpoint:
        parts = urlsplit(clinic.settings.s3_endpoint)
        return f"{parts.scheme}://{parts.netloc}"
    bucket = clinic.settings.objects_url.removeprefix("s3://").strip("/")
    return f"https://{bucket}.s3.{clinic.settings.s3_region}.amazonaws.com"


def _hosts(clinic: Clinic) -> list[str]:
    """The names by which this server is called."""
    names = {"localhost", "127.0.0.1", "::1", clinic.settings.host}
    if clinic.settings.public_url:
        names.add(urlsplit(clinic.settings.public_url).hostname or "localhost")
    return sorted(names)
