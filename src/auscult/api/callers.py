"""Who is calling: an API key or a browser session becomes an actor; each route declares the roles that it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends, Request

from auscult.api.audited import Asked, asked
from auscult.api.forwarded import client_address
from auscult.api.rates import Rates
from auscult.clinic import Clinic
from auscult.domain.access import Scope
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ForbiddenError, UnauthenticatedError
from auscult.domain.via import Via
from auscult.flows import access, devices
from auscult.flows.services import Services

SESSION_COOKIE: Final = "auscult_session"
CSRF_HEADER: Final = "x-auscult"
"""A header that a page of another origin cannot add without asking: with SameSite=Strict the guard against CSRF.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_READING_POSTS: Final = {"search", "duplicates"}

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
    """Whom the request's key or session lets in; looked up once for each request.

    Raises `UnauthenticatedError`; `ForbiddenError` for a cross-site browser request; `TooManyRequestsError`.
    """
    admission: access.Admission | None = getattr(request.state, "admission", None)
    if admission is None:
        rates = rates_of(request)
        try:
            admission = await admit_anew(request, active=True)
        except UnauthenticatedError:
            if _credential(request):  # who shows none guesses at nothing: a browser that asks whether it is signed in
                await rates.count_stranger(client_address(request))
            raise
        await rates.count_caller(admission.actor, key=admission.session is None)
        request.state.admission = admission
    return admission


async def admit_anew(request: Request, *, active: bool = False) -> access.Admission:
    """Whom the request's credential lets in now; not `active`: nobody asks, a stream is open and goes on."""
    services = services_of(request)
    known = asked(request)
    key = request.headers.get("x-api-key") or _bearer(request)
    if key is not None:
        if devices.is_assertion(key):
            return _on_its_way(known, await devices.admit(services, clinic_of(request).clinic_id, key), "")
        return _on_its_way(known, await access.admit_api_key(services, key), "")
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        raise UnauthenticatedError("Nobody is signed in.")
    admitted = await access.admit_session(services, token, active=active)
    admission = _on_its_way(known, admitted, access.token_reference(token))
    if request.method not in _SAFE and CSRF_HEADER not in request.headers:
        raise ForbiddenError(
            "This request does not come from the app.", remedy="Send the header X-Auscult: 1 with browser requests."
        )
    return admission


def _on_its_way(known: Asked, admission: access.Admission, credential: str) -> access.Admission:
    """The same admission, whose actor says by which way it came. `credential`: a session; a key is the user itself."""
    known.via = replace(known.via, credential=credential or admission.actor.user_id)
    known.actor = admission.actor.model_copy(update={"via": known.via})
    return replace(admission, actor=known.actor)


def caller(*roles: Role, administers: bool = False) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency that lets only callers of these roles in, and hands the route its actor.

    With `administers` also whoever does an admin's work beside another role.
    """

    async def permitted(request: Request) -> Actor:
        actor = (await admit(request)).actor
        if actor.role not in roles and not (administers and actor.administers):
            raise ForbiddenError("Your role does not allow this.")
        return actor

    permitted.roles = roles  # type: ignore[attr-defined]  # read by what lists every route's roles
    permitted.administers = administers  # type: ignore[attr-defined]  # as above
    return permitted


def needs(scope: Scope, *, writes: bool = False) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets a key in only when it may read, or write, what the route is about.

    A search is a POST, so that what is looked for stands in no address; it reads nevertheless. `writes` says of a GET
    that it does.
    """

    async def permitted(request: Request) -> None:
        allowed = (await admit(request)).scopes
        needed = scope_of(request.method, request.url.path, scope, writes=writes)
        if allowed is not None and needed not in allowed and f"{scope}.write" not in allowed:
            raise ForbiddenError(
                f"This key may not do this: it lacks {needed}.", remedy="Use a key that has the scope."
            )

    permitted.scope = scope  # type: ignore[attr-defined]  # read by what lists every route's scope
    permitted.writes = writes  # type: ignore[attr-defined]  # as above
    return permitted


def scope_of(method: str, path: str, scope: Scope, *, writes: bool = False) -> str:
    """What a call needs of a key: `patients.read`, `notes.write`, …; to write includes to read."""
    reads = (method in _SAFE and not writes) or path.rpartition("/")[2] in _READING_POSTS
    return f"{scope}.{'read' if reads else 'write'}"


def rates_of(request: Request) -> Rates:
    """What counts how often somebody calls."""
    rates: Rates = request.app.state.rates
    return rates


async def way_of(request: Request) -> Via:
    """By which way somebody comes who is not let in yet."""
    return asked(request).via


ClinicOf = Annotated[Clinic, Depends(clinic_given)]
ServicesOf = Annotated[Services, Depends(services_given)]
Clinician = Annotated[Actor, Depends(caller(*CLINICIANS))]
Recorder = Annotated[Actor, Depends(caller(*RECORDERS))]
Staff = Annotated[Actor, Depends(caller(*STAFF))]
SignedIn = Annotated[Actor, Depends(caller(*SCREENS))]
Doctor = Annotated[Actor, Depends(caller(Role.DOCTOR))]
Admin = Annotated[Actor, Depends(caller(Role.ADMIN, administers=True))]
Way = Annotated[Via, Depends(way_of)]


def _credential(request: Request) -> bool:
    return bool(request.headers.get("x-api-key") or _bearer(request) or request.cookies.get(SESSION_COOKIE))


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
