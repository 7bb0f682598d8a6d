"""`/metrics` for Prometheus: how requests go, and the figures of `flows.figures`. Numbers only, and labels of ours.

A label is a method, the template of a route, a status or an alarm: never an id, an address or a word that was sent.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auscult.api.callers import clinic_of
from auscult.api.forwarded import client_address
from auscult.api.hosts import host_of
from auscult.domain.errors import UnauthenticatedError
from auscult.flows import figures

router = APIRouter()

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_STREAMS: Final = {"/events"}
"""Routes whose answers do not end by themselves: they are counted while they are open, and not timed."""
_ALARMS: Final = ("disk", "clock", "queue", "backup", "certificate")


class Metrics:
    """What one process counts, in a registry of its own."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic` counts seconds."""
        self.registry = CollectorRegistry()
        self.monotonic = monotonic
        labels = ("method", "route", "status")
        self.requests = Counter("auscult_http_requests", "Requests that were answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "auscult_http_request_seconds",
            "Time to the end of the answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.streams = self._gauge("open_streams", "Live streams that are open.")
        self._jobs = self._gauge("jobs", "Jobs that are queued or running.")
        self._oldest = self._gauge("oldest_job_seconds", "Age of the oldest of them.")
        self._outbox = self._gauge("outbox_jobs", "Jobs committed and not yet handed over (100: that many or more).")
        self._recordings = self._gauge("recordings_waiting", "Recordings that wait for their sound (at most 1000).")
        self._free = self._gauge("disk_free_bytes", "Free bytes where the data are.")
        self._size = self._gauge("disk_size_bytes", "All bytes there.")
        self._offset = self._gauge("clock_offset_seconds", "This machine's clock less the database's.")
        self._behind = self._gauge("clock_behind_seconds", "How far the clock stands before the newest data.")
        self._backup = self._gauge("backup_age_seconds", "Age of the last backup; NaN: there is none.")
        self._certificate = self._gauge("certificate_seconds", "Until a certificate ends; NaN: none is served.")
        self._alarm = Gauge("auscult_alarm", "1 while `auscult check` tells it.", ("alarm",), registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count an answer; `seconds` is None for a stream."""
        method = method if method in _METHODS else "other"
        self.requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self.seconds.labels(method, route).observe(seconds)

    def show(self, found: figures.Figures) -> bytes:
        """Everything in Prometheus' text format, with these figures."""
        nothing = float("nan")
        self._jobs.set(found.jobs)
        self._oldest.set(found.oldest_job_seconds)
        self._outbox.set(found.outbox_jobs)
        self._recordings.set(found.recordings_waiting)
        self._free.set(found.disk_free_bytes)
        self._size.set(found.disk_size_bytes)
        self._offset.set(nothing if found.clock_offset_seconds is None else found.clock_offset_seconds)
        self._behind.set(found.clock_behind_seconds)
        self._backup.set(nothing if found.backup_age_seconds is None else found.backup_age_seconds)
        self._certificate.set(nothing if found.certificate_seconds is None else found.certificate_seconds)
        sounding = {one.name for one in figures.alarms(found)}
        for name in _ALARMS:
            self._alarm.labels(name).set(name in sounding)
        return generate_latest(self.registry)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(f"auscult_{name}", what, registry=self.registry)


class Measured:
    """Counts every answer by method, route and status, and how long it took."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began, stream = 500, self._metrics.monotonic(), False

        async def watched(message: Message) -> None:
            nonlocal status, stream
            if message["type"] == "http.response.start":
                status = message["status"]
                if status == 200 and _template(scope) in _STREAMS:
                    stream = True
                    self._metrics.streams.inc()
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            took = self._metrics.monotonic() - began
            if stream:
                self._metrics.streams.dec()
            self._metrics.answered(scope["method"], _template(scope), status, None if stream else took)


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """The figures, for Prometheus on this machine or with `AUSCULT_METRICS_TOKEN` as its bearer token."""
    clinic = clinic_of(request)
    if not _may_read(request, clinic.settings.metrics_token):
        raise UnauthenticatedError(
            "The figures are for this machine.",
            remedy="Ask from this machine, or set AUSCULT_METRICS_TOKEN and send it as Authorization: Bearer …",
        )
    measured: Metrics = request.app.state.metrics
    own = (clinic.settings.tls,) if clinic.settings.tls else ()
    found = await figures.look(clinic.services, clinic.system, clinic.settings.data, own)
    return Response(measured.show(found), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_read(request: Request, token: str) -> bool:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), token.encode()):
        return True
    # What a proxy on this machine passes on comes from loopback too, but names the proxy's host or its client.
    passed_on = any(name.startswith("x-forwarded-") or name in {"forwarded", "via"} for name in request.headers)
    return not passed_on and _is_loopback(client_address(request)) and _is_loopback(host_of(request.scope) or "")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _template(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "none"
