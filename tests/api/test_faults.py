"""What nobody expected: an answer with a remedy and our headers, and no word of the fault's own text anywhere."""

from __future__ import annotations

import json
import logging

import httpx
import pytest

from auscult.api.app import create_app
from auscult.api.problems import problem
from auscult.domain.errors import ConflictError
from auscult.logs import configure
from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")
CANARY = "CANARY-the patient said so"


async def test_an_unexpected_fault_is_a_problem_with_headers_and_tells_nothing(
    here: OpenClinic, capfd: pytest.CaptureFixture[str]
) -> None:
    app = create_app(here.clinic)

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError(CANARY)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "content-security-policy" in answer.headers
    assert answer.json()["remedy"]
    written = capfd.readouterr()
    assert "CANARY" not in answer.text + written.out + written.err
    assert "ValueError" in written.out + written.err


async def test_logs_never_repeat_an_exceptions_text_or_a_librarys_message(capfd: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:]
    try:
        configure("debug")
        try:
            int(CANARY)
        except ValueError:
            logging.getLogger("uvicorn.error").exception("Exception while handling %s", CANARY)
        logging.getLogger("auscult.stores").warning("Job %s waits.", "REC_1")
        written = capfd.readouterr().err
    finally:
        logging.getLogger().handlers[:] = before
    assert "CANARY" not in written
    assert "ValueError" in written
    assert "test_faults.py" in written
    assert "Job REC_1 waits." in written


async def test_what_an_error_adds_never_replaces_what_every_problem_has() -> None:
    extras = {
        "status": "waiting",
        "title": "x",
        "code": "x",
        "type": "x",
        "remedy": "x",
        "detail": "x",
        "entry_id": "Q",
    }
    answer = problem(ConflictError("This entry is waiting.", remedy="Reload.", extras=extras))
    body = json.loads(bytes(answer.body))
    assert (answer.status_code, body["status"], body["code"]) == (409, 409, "conflict")
    assert (body["detail"], body["remedy"], body["type"]) == ("This entry is waiting.", "Reload.", "about:blank")
    assert body["entry_id"] == "Q"
