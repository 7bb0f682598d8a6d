"""Requests leave their entry in the audit trail before their answer leaves us."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auscult.api.forwarded import UNKNOWN, client_address
from auscult.api.problems import problem
from auscult.clinic import Clinic
from auscult.domain.actor import Actor
from auscult.domain.audit import AuditEntity, given_id
from auscult.domain.errors import AuscultError
from auscult.domain.via import Via
from auscult.flows import audit

_SCOPE: Final = "auscult.asked"
_FAILED: Final = 400

log = structlog.get_logger("auscult.api")


@dataclass
class Asked:
    """What is known of a request so far."""

    via: Via = field(default_factory=Via)
    actor: Actor | None = None
    """Who was let in; None as long as nobody was."""
    named: tuple[AuditEntity, ...] = ()
    refused: bool = False
    """Whether somebody was turned away although the status does not say so (a sign-in that is sent back to the app)."""


def asked(request: HTTPConnection) -> Asked:
    """What is known of this request; the way of its caller is filled in once its route is known."""
    found: Asked = request.scope.setdefault(_SCOPE, Asked())
    route = getattr(request.scope.get("route"), "path", "")
    if route and not found.via.act:
        found.via = Via(
            address=known_address(request),
            request_id=_request_id(request),
            act=f"{request.scope.get('method', '')} {route}",
            trace=found.via.trace,
        )
        ids = ((name, given_id(str(value))) for name, value in request.path_params.items())
        found.named = tuple(AuditEntity(type=name.removesuffix("_id"), id=one) for name, one in ids if one)
    return found


def known_address(request: HTTPConnection) -> str:
    """The address that a request comes from; empty when it is none (a proxy may send anything)."""
    address = client_address(request)
    return "" if address == UNKNOWN else address


def _request_id(request: HTTPConnection) -> str:
    clinic: Clinic | None = request.app.state.clinic
    return clinic.services.ambient.new_id("REQ") if clinic else ""


class Audited:
    """Writes the entry of each request when its answer begins; without an entry there is no answer."""

    def __init__(self, app: ASGIApp, clinic: Clinic) -> None:
        self._app = app
        self._clinic = clinic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer when what was done is written down."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[_SCOPE] = Asked()
        withheld = False

        async def released(message: Message) -> None:
            nonlocal withheld
            if withheld:
                return
            if message["type"] == "http.response.start":
                fault = await self._note(scope, message["status"])
                if fault is not None:
                    withheld = True
                    await problem(fault)(scope, receive, send)
                    return
            await send(message)

        await self._app(scope, receive, released)

    async def _note(self, scope: Scope, status: int) -> AuscultError | None:
        """Write the entry; answer the fault for which the answer has to be withheld."""
        request = HTTPConnection(scope)
        known = asked(request)
        try:
            await audit.note_request(
                self._clinic.services,
                known.actor.clinic_id if known.actor else self._clinic.clinic_id,
                known.actor,
                via=known.via if known.via.act else Via(address=known_address(request), act=scope["method"]),
                method=scope["method"],
                status=status,
                named=known.named,
                refused=known.refused,
            )
        except AuscultError as error:
            log.error("audit_entry_not_written", code=error.code, status=status)  # noqa: TRY400 - typed, and ours
            # What is refused already tells nothing: that answer may go.
            return error if status < _FAILED else None
        return None
