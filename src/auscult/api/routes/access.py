"""Coming in and going out, and what belongs to whoever is in: account, second factor, sessions, preferences."""

from __future__ import annotations

from typing import Final

import segno
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from auscult.api.access_shapes import (
    Code,
    Me,
    NewPassword,
    Password,
    RecoveryCodes,
    SecondFactorBegun,
    SessionView,
    SignIn,
    SignInOptions,
    SingleSignOn,
)
from auscult.api.addresses import absolute
from auscult.api.audited import asked
from auscult.api.callers import (
    CSRF_HEADER,
    SESSION_COOKIE,
    ClinicOf,
    ServicesOf,
    SignedIn,
    Staff,
    Way,
    admit,
    needs,
    rates_of,
    services_of,
)
from auscult.api.forwarded import client_address
from auscult.api.json_bodies import JsonRoute
from auscult.api.sent import PreferencesChange
from auscult.api.views import Listing, PreferencesView
from auscult.clinic import Clinic
from auscult.domain.access import Scope, Session
from auscult.domain.actor import Actor
from auscult.domain.errors import ForbiddenError, GoneError, NotFoundError, UnauthenticatedError, UnavailableError
from auscult.flows import access, accounts, people, preferences, single_sign_on
from auscult.flows.services import Services
from auscult.trust.openid import OpenIdProvider

router = APIRouter(tags=["access"], route_class=JsonRoute)
_SCOPE = Depends(needs(Scope.CLINIC))
STATE_COOKIE: Final = "auscult_sign_in"


@router.get("/sign-in", include_in_schema=False)
async def sign_in_by_link(request: Request, token: str, way: Way) -> Response:
    """Exchange a one-time link for a session. A browser whose link is used or old is sent to where the app helps on."""
    await rates_of(request).count_stranger(client_address(request))
    try:
        session_token, session = await access.sign_in(services_of(request), token, _agent(request), way)
    except (GoneError, UnauthenticatedError):
        asked(request).refused = True
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return RedirectResponse("/app/?sign-in=used", status_code=303, headers={"Cache-Control": "no-store"})
    response = RedirectResponse("/app/", status_code=303)
    _keep(request, response, session_token, session)
    return response


@router.post("/sign-in")
async def sign_in(
    body: SignIn, request: Request, response: Response, services: ServicesOf, clinic: ClinicOf, way: Way
) -> Me:
    """Sign in by name and password; 401 with code `second_factor` asks for the code as well."""
    await rates_of(request).count_stranger(client_address(request))
    if CSRF_HEADER not in request.headers:
        raise ForbiddenError(
            "This request does not come from the app.", remedy="Send the header X-Auscult: 1 with browser requests."
        )
    token, session = await accounts.sign_in(
        services,
        clinic.clinic_id,
        sign_in_name=body.sign_in_name,
        password=body.password,
        code=body.code,
        agent=_agent(request),
        via=way,
    )
    _keep(request, response, token, session)
    actor = (await access.admit_session(services, token)).actor
    return await _me(request, services, clinic.settings.clinic_name, actor)


@router.get("/sign-in/options")
async def sign_in_options(clinic: ClinicOf) -> SignInOptions:
    """How one may sign in, beside a name and a password."""
    provider = clinic.single_sign_on
    return SignInOptions(single_sign_on=SingleSignOn(name=provider.name) if provider else None)


@router.get("/sign-in/provider", include_in_schema=False)
async def sign_in_at_provider(request: Request, clinic: ClinicOf) -> Response:
    """Send the browser to the provider."""
    await rates_of(request).count_stranger(client_address(request))
    provider = _provider(clinic)
    redirect_uri = absolute(request, "/sign-in/provider/back")
    sent = await single_sign_on.begin(clinic.services, clinic.clinic_id, provider, redirect_uri)
    response = RedirectResponse(sent.address, status_code=303, headers={"Cache-Control": "no-store"})
    # Lax: it has to come with the browser when the provider sends it back.
    response.set_cookie(
        STATE_COOKIE,
        sent.state,
        max_age=int(single_sign_on.LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/sign-in",
    )
    return response


@router.get("/sign-in/provider/back", include_in_schema=False)
async def come_back(request: Request, clinic: ClinicOf, way: Way, state: str = "", code: str = "") -> Response:
    """Begin the session of whoever the provider sends back; whoever it refused is told so by the app."""
    await rates_of(request).count_stranger(client_address(request))
    kept = request.cookies.get(STATE_COOKIE, "")
    try:
        token, session = await single_sign_on.finish(
            clinic.services,
            clinic.clinic_id,
            _provider(clinic),
            state=state,
            kept=kept,
            code=code,
            agent=_agent(request),
            via=way,
        )
    except (GoneError, UnauthenticatedError, ForbiddenError, UnavailableError) as error:
        asked(request).refused = True
        if "text/html" not in request.headers.get("accept", ""):
            raise
        response = RedirectResponse(f"/app/?sign-in={error.code}", status_code=303)
        response.headers["Cache-Control"] = "no-store"
    else:
        response = RedirectResponse("/app/", status_code=303)
        _keep(request, response, token, session)
    response.delete_cookie(STATE_COOKIE, path="/sign-in")
    return response


@router.post("/sign-out", status_code=204)
async def sign_out(request: Request, services: ServicesOf, actor: SignedIn) -> Response:
    """End this browser's session."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is not None:
        await access.sign_out(services, token, actor.via)
        asked(request).via.trace.wrote = True
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@router.get("/me", dependencies=[_SCOPE])
async def me(request: Request, actor: SignedIn, services: ServicesOf, clinic: ClinicOf) -> Me:
    """Who is signed in."""
    return await _me(request, services, clinic.settings.clinic_name, actor)


@router.put("/me/password", dependencies=[_SCOPE])
async def set_password(body: NewPassword, request: Request, actor: Staff, services: ServicesOf, clinic: ClinicOf) -> Me:
    """Choose a password, and a name to sign in with; all other browsers of the caller are signed out."""
    session = await _session(request)
    await accounts.set_account(
        services, actor, session, new=body.new, current=body.current, sign_in_name=body.sign_in_name
    )
    return await _me(request, services, clinic.settings.clinic_name, actor)


@router.post("/me/second-factor", dependencies=[_SCOPE])
async def begin_second_factor(
    request: Request, actor: Staff, services: ServicesOf, clinic: ClinicOf
) -> SecondFactorBegun:
    """Show a secret for an authenticator app; it counts once a code of it was confirmed."""
    await _session(request)
    secret, uri = await accounts.begin_second_factor(services, actor, clinic.settings.clinic_name)
    return SecondFactorBegun(secret=secret, uri=uri, qr=segno.make(uri, error="m").svg_inline(scale=4, border=2))


@router.post("/me/second-factor/confirm", dependencies=[_SCOPE])
async def confirm_second_factor(body: Code, request: Request, actor: Staff, services: ServicesOf) -> RecoveryCodes:
    """Take the shown secret into use."""
    await _session(request)
    return RecoveryCodes(recovery_codes=list(await accounts.confirm_second_factor(services, actor, body.code)))


@router.post("/me/second-factor/remove", dependencies=[_SCOPE])
async def remove_second_factor(
    body: Password, request: Request, actor: Staff, services: ServicesOf, clinic: ClinicOf
) -> Me:
    """Sign in without a second factor from now on."""
    await _session(request)
    await accounts.drop_second_factor(services, actor, body.password)
    return await _me(request, services, clinic.settings.clinic_name, actor)


@router.get("/me/sessions", dependencies=[_SCOPE])
async def my_sessions(request: Request, actor: Staff, services: ServicesOf) -> Listing[SessionView]:
    """The caller's browsers that are signed in, the one used last first."""
    current = (await admit(request)).session
    found = await access.sessions(services, actor.clinic_id, actor.user_id)
    return Listing(items=[SessionView.of(one, current) for one in found])


@router.delete("/me/sessions/{session_id}", status_code=204, dependencies=[_SCOPE])
async def end_my_session(session_id: str, actor: Staff, services: ServicesOf) -> Response:
    """Sign one of the caller's browsers out, and close what it holds open."""
    await access.end_session(services, actor, session_id, actor.user_id)
    return Response(status_code=204)


@router.get("/me/preferences", dependencies=[_SCOPE])
async def read_preferences(actor: Staff, services: ServicesOf) -> PreferencesView:
    """How the caller likes to work."""
    return PreferencesView(template=(await preferences.of(services, actor)).template)


@router.patch("/me/preferences", dependencies=[_SCOPE])
async def change_preferences(body: PreferencesChange, actor: Staff, services: ServicesOf) -> PreferencesView:
    """Keep what the caller prefers from now on."""
    return PreferencesView(template=(await preferences.change(services, actor, template=body.template)).template)


async def _me(request: Request, services: Services, clinic_name: str, actor: Actor) -> Me:
    try:
        person = await people.person(services, actor.clinic_id, actor.user_id)
    except NotFoundError:  # a key
        person = None
    return Me.of(actor, person, clinic_name, phones=getattr(request.app.state, "phones", None) is not None)


async def _session(request: Request) -> Session:
    """The session that asks: a key has no account to change."""
    session = (await admit(request)).session
    if session is None:
        raise ForbiddenError("A key has no account.", remedy="Sign in with a browser.")
    return session


def _provider(clinic: Clinic) -> OpenIdProvider:
    if clinic.single_sign_on is None:
        raise NotFoundError("This clinic has no sign-in provider.", remedy="Sign in by name and password.")
    return clinic.single_sign_on


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _keep(request: Request, response: Response, token: str, session: Session) -> None:
    """Have the browser keep its session, and nobody else what was answered."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int((session.expires_at - session.created_at).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
