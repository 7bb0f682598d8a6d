"""Who may call what: one table, read from the routes themselves. `python -m auscult.api.access_table` prints it.

`docs/access.md` is what it prints; a test holds the two together, and another calls every route as everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from auscult.api.app import create_app
from auscult.api.callers import scope_of
from auscult.domain.access import Scope
from auscult.domain.actor import Role
from auscult.flows.device_topics import TOPICS

OPEN_TO_ALL: Final = {
    ("GET", "/"): "health without details, and the way to the app",
    ("GET", "/metrics"): "numbers, for this machine or with a token of its own",
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
"""Routes without a role, and what guards them instead."""
COLUMNS: Final = tuple(role for role in Role if role is not Role.SYSTEM)
_HEAD: Final = """# Who may call what

Made from the routes by `python -m auscult.api.access_table`; a test calls each of them as everybody, in the clinic and
from another one. A blank means 403. Whatever is another clinic's is not there: 404.

- A **device** and an **integration** see only what they themselves sent.
- **administers** marks what takes an admin, or a clinician who also administers the clinic.
- A key may be limited to **scopes**; to write includes to read. A browser session has all that its role may.
- `GET /events` is the one live stream: it carries ids and numbers of the caller's clinic and no other, and ends with
  the session or key that opened it.

"""


@dataclass(frozen=True, slots=True)
class Row:
    """One route: who may call it (None: everybody), and what a key needs."""

    method: str
    path: str
    roles: frozenset[Role] | None
    administers: bool
    scope: str

    def lets_in(self, role: Role) -> bool:
        """Whether a caller of this role gets past the door."""
        return self.roles is None or role in self.roles


def rows() -> list[Row]:
    """Every route of the application, by path."""
    found = [_row(route, method) for route in api_routes(create_app(None)) for method in sorted(route.methods or ())]
    return sorted(found, key=lambda row: (row.path, row.method))


def api_routes(app: object) -> Iterator[APIRoute]:
    """Every route of an application, also of included routers."""
    for route in list(getattr(app, "routes", [])):
        if isinstance(route, APIRoute):
            yield route
        yield from api_routes(getattr(route, "original_router", None) or getattr(route, "app", None))


def page() -> str:
    """The table as Markdown."""
    lines = [
        f"| route | {' | '.join(COLUMNS)} | scope |",
        f"|---|{'---|' * len(COLUMNS)}---|",
    ]
    for row in rows():
        if row.roles is not None:
            marks = [_mark(row, role) for role in COLUMNS]
            lines.append(f"| `{row.method} {row.path}` | {' | '.join(marks)} | {row.scope} |")
    opened = [f"| `{method} {path}` | {why} |" for (method, path), why in OPEN_TO_ALL.items()]
    opened = ["", "Open to all:", "", "| route | why |", "|---|---|", *opened]
    return _HEAD + "\n".join([*lines, "", *_mqtt(), *opened, ""])


def _mqtt() -> list[str]:
    """What is on the MQTT broker, where one is used: roles are the common names of certificates there."""
    return [
        "Over MQTT, on a broker set up as in `deploy/mosquitto` (`tests/flows/test_mqtt.py` tries it on a real one):",
        "",
        "| topic, below `clinics/{clinic_id}/` | Auscult itself | device | device of another clinic, anybody else |",
        "|---|---|---|---|",
        *(f"| `{topic}` | publishes | reads what its rules name | |" for topic in TOPICS),
        "| everything else of the clinic's | publishes | | |",
    ]


def _mark(row: Row, role: Role) -> str:
    if row.lets_in(role):
        return "yes"
    return "administers" if row.administers and role in {Role.DOCTOR, Role.NURSE} else ""


def _row(route: APIRoute, method: str) -> Row:
    roles: frozenset[Role] | None = None
    administers, scope = False, ""
    for one in _dependencies(route.dependant):
        if (declared := getattr(one.call, "roles", None)) is not None:
            roles, administers = frozenset(declared), bool(getattr(one.call, "administers", False))
        if (named := getattr(one.call, "scope", None)) is not None:
            scope = scope_of(method, route.path, Scope(named), writes=getattr(one.call, "writes", False))
    return Row(method, route.path, roles, administers, scope)


def _dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for one in dependant.dependencies:
        yield one
        yield from _dependencies(one)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 (this is what it is for)
