"""Every route says which roles may call it; one that does not is named here as open to all, and why."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from auscult.api.app import create_app
from auscult.domain.actor import Role

OPEN_TO_ALL = {
    ("GET", "/"): "health without details, and the way to the app",
    ("GET", "/health/live"): "for a process supervisor",
    ("GET", "/health/ready"): "for a load balancer",
    ("GET", "/sign-in"): "the one-time token is the right to it",
    ("POST", "/sign-in"): "the password is the right to it",
    ("GET", "/sign-in/options"): "what the sign-in page offers",
    ("GET", "/sign-in/provider"): "the way to the sign-in provider",
    ("GET", "/sign-in/provider/back"): "what the provider vouches for is the right to it",
    ("PUT", "/objects/put/{path:path}"): "the signature is the right to it",
    ("GET", "/app"): "the app's code; it holds nothing of anybody",
    ("GET", "/app/{path:path}"): "the app's code; it holds nothing of anybody",
}


def api_routes(app: object) -> Iterator[APIRoute]:
    """Every route of an application, also of included routers."""
    for route in list(getattr(app, "routes", [])):
        if isinstance(route, APIRoute):
            yield route
        yield from api_routes(getattr(route, "original_router", None) or getattr(route, "app", None))


def routes() -> Iterator[tuple[str, str, set[Role] | None]]:
    """Method, path and declared roles (None: none declared) of every route, also of included routers."""

    def declared(dependant: Dependant) -> set[Role] | None:
        for one in dependant.dependencies:
            roles = getattr(one.call, "roles", None) or declared(one)
            if roles:
                return set(roles)
        return None

    for route in api_routes(create_app(None)):
        for method in sorted(route.methods):
            yield method, route.path, declared(route.dependant)


def test_every_route_declares_its_roles_or_is_named_as_open() -> None:
    found = list(routes())
    assert len(found) > 35, "the walk over the routes found too few of them"
    undeclared = {(method, path) for method, path, roles in found if roles is None}
    assert undeclared == set(OPEN_TO_ALL)


def test_nobody_but_a_doctor_may_call_the_route_that_signs() -> None:
    signing = [roles for method, path, roles in routes() if path == "/notes/{note_id}/sign"]
    assert signing == [{Role.DOCTOR}]


def test_a_screen_may_call_nothing_but_what_shows_numbers_and_patients_nothing_yet() -> None:
    shown = {path for _method, path, roles in routes() if roles and Role.DISPLAY in roles}
    assert shown == {"/me", "/sign-out"}
    assert not any(roles and Role.PATIENT in roles for _method, _path, roles in routes())
