"""Who is calling: an API key or a browser session becomes an actor; each route declares the roles that it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request

from auscult.clinic import Clinic
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ForbiddenError, UnauthenticatedError
from auscult.flows import access
from auscult.flows.services import Services

SESSION_COOKIE: Final = "auscult_session"
CSRF_HEADER: Final = "x-auscult"
"""A header that a page of another origin cannot add without asking: with SameSite=Strict the guard against CSRF.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}

CLINICIANS: Final = (Role.DOCTOR, Role.NURSE)
RECORDERS: Final = (Role.DOCTOR, Role.NURSE, Role.DEVICE, Role.INTEGRATION)
STAFF: Final = (Role.DOCTOR, Role.NURSE, Role.ADMIN)
SCREENS: Final = (*STAFF, Role.DISPLAY)


def clinic_of(request: Request) -> Clinic:
    """The clinic that this application serves."""
    clinic: Clinic = request.app.state.clinic
    return clinic


def services_of(request: Request) -> Services:
    """What flows work with."""
    services: Services = clinic_of(request).services
    return services


async def clinic_given(request: Request) -> Clinic:
    """`clinic_of` for routes. Not a plain function: those the framework sends to a thread of its own, and back."""
    return clinic_of(request)


async def services_given(request: Request) -> Services:
    """`services_of` for routes; see `clinic_given`."""
    return services_of(request)


async def admit(request: Request) -> access.Admission:
    """Whom the request's key or session lets in. Raises `UnauthenticatedError`.

    `ForbiddenError` for a cross-site browser request.
    """
    services = services_of(request)
    key = request.headers.get("x-api-key") or _bearer(request)
    if key is not None:
        return await access.admit_api_key(services, key)
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        raise UnauthenticatedError("Nobody is signed in.")
    admission = await access.admit_session(services, token)
    if request.method not in _SAFE and CSRF_HEADER not in request.headers:
        raise ForbiddenError(
            "This request does not come from the app.", remedy="Send the header X-Auscult: 1 with browser requests."
        )
    return admission


def caller(*roles: Role) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency that lets only callers of these roles in, and hands the route its actor."""

    async def permitted(request: Request) -> Actor:
        actor = (await admit(request)).actor
        if actor.role not in roles:
            raise ForbiddenError("Your role does not allow this.")
        return actor

    permitted.roles = roles  # type: ignore[attr-defined]  # read by the test that lists every route's roles
    return permitted


ServicesOf = Annotated[Services, Depends(services_given)]
Clinician = Annotated[Actor, Depends(caller(*CLINICIANS))]
Recorder = Annotated[Actor, Depends(caller(*RECORDERS))]
Staff = Annotated[Actor, Depends(caller(*STAFF))]
Screen = Annotated[Actor, Depends(caller(*SCREENS))]
Doctor = Annotated[Actor, Depends(caller(Role.DOCTOR))]


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
