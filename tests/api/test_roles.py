"""Who may call what: the table in the documentation is what the routes say, and what the doors do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from auscult.api.access_table import OPEN_TO_ALL, Row, page, rows
from auscult.domain.actor import Role
from auscult.domain.ids import ClinicId
from auscult.flows import access
from tests.api.test_fuzz import API, Doors, doors, plausible
from tests.support.clinics import OpenClinic

__all__ = ["doors"]

DOCUMENT = Path(__file__).parents[2] / "docs" / "access.md"
CALLERS = [role for role in Role if role is not Role.SYSTEM]
REFUSED = "Your role does not allow this."


def test_the_table_in_the_documentation_is_what_the_routes_say() -> None:
    assert DOCUMENT.read_text("utf-8") == page(), "run `python -m auscult.api.access_table > docs/access.md`"


def test_every_route_declares_its_roles_and_scope_or_is_named_as_open() -> None:
    found = rows()
    assert len(found) > 60, "the walk over the routes found too few of them"
    assert {(row.method, row.path) for row in found if row.roles is None} == set(OPEN_TO_ALL)
    unscoped = {row.path for row in found if row.roles is not None and not row.scope}
    assert unscoped == {"/sign-out"}, "ends the session that asks, whatever it may"


def test_nobody_but_a_doctor_may_call_the_route_that_signs() -> None:
    assert [row.roles for row in rows() if row.path == "/notes/{note_id}/sign"] == [{Role.DOCTOR}]


def test_a_screen_may_call_nothing_but_what_shows_numbers_and_patients_nothing_yet() -> None:
    assert {row.path for row in rows() if row.roles and row.lets_in(Role.DISPLAY)} == {
        "/me",
        "/sign-out",
        "/queue/numbers",
    }
    assert not any(row.roles and row.lets_in(Role.PATIENT) for row in rows())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def callers(doors: Doors) -> AsyncIterator[dict[tuple[str, Role], httpx.AsyncClient]]:
    """A key of every role, in the clinic and in another one on the same stores."""
    here: OpenClinic = doors.here
    services = here.clinic.services
    async with AsyncExitStack() as stack:
        found = {}
        clinics = {"own": here.clinic.clinic_id, "other": ClinicId(services.ambient.new_id("CLN"))}
        for where, clinic_id in clinics.items():
            for role in CALLERS:
                token, _key = await access.make_api_key(services, clinic_id, f"{where} {role}", role)
                client = await stack.enter_async_context(here.stranger(**{"X-API-Key": token}))
                found[where, role] = client
        yield found


async def called(client: httpx.AsyncClient, row: Row, ids: dict[str, str]) -> httpx.Response | None:
    """Call a route with these ids and a body that it takes; None when it answers with a stream without end."""
    described = API["paths"].get(row.path, {}).get(row.method.lower(), {})
    path = row.path.replace("{key:path}", "{key}").replace("{path:path}", "{key}")
    try:
        async with asyncio.timeout(0.2 if path == "/events" else 30):
            return await client.request(
                row.method, path.format(**ids, seq=1), json=plausible(described), headers={"If-Match": '"1-1"'}
            )
    except TimeoutError:
        assert path == "/events"
        return None


@pytest.mark.asyncio(loop_scope="module")
async def test_each_door_opens_to_the_roles_of_the_table_and_to_no_other(
    doors: Doors, callers: dict[tuple[str, Role], httpx.AsyncClient]
) -> None:
    nobodys = dict.fromkeys(doors.dear, "PAT_01JN0000AV0000000000000009")
    for row in (one for one in rows() if one.roles is not None):
        for role in CALLERS:
            answer = await called(callers["own", role], row, nobodys)
            refused = answer is not None and answer.status_code == 403 and answer.json()["detail"] == REFUSED
            assert refused != row.lets_in(role), (row, role, answer and answer.text)
        async with doors.here.stranger() as nobody:
            answer = await called(nobody, row, nobodys)
            assert answer is not None
            assert answer.status_code == 401, row


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_another_clinics_is_not_there_for_any_role(
    doors: Doors, callers: dict[tuple[str, Role], httpx.AsyncClient]
) -> None:
    before = await doors.state()
    for row in (one for one in rows() if one.roles is not None):
        for role in CALLERS:
            answer = await called(callers["other", role], row, doors.dear)
            if answer is None:
                continue
            assert answer.status_code < 500, (row, role, answer.text)
            assert "Only Theirs" not in answer.text, (row, role)
            named = [name for name in doors.dear if f"{{{name}" in row.path]
            if named and row.path != "/result/{key:path}":
                assert not answer.is_success, (row, role, answer.text)
            for id_ in (one for one in doors.dear.values() if "_" in one):
                assert id_ not in answer.text, (row, role)
    assert json.dumps(await doors.state(), default=repr) == json.dumps(before, default=repr)
