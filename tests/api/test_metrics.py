"""`/metrics`: what Prometheus reads, who may read it, and that nothing of a patient is in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from auscult.api.app import create_app
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOKEN = "figures-for-the-practice-network"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenClinic]:
    """A clinic whose figures another machine reads with a token."""
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"), work=False, metrics_token=TOKEN, public_url="https://clinic.example"
    ) as opened:
        yield opened


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by name and labels."""
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


async def test_requests_are_counted_by_the_template_of_their_route(clinic: OpenClinic) -> None:
    unknown = "REC_01JN0000AV0000000000000001"
    for path in (f"/recordings/{unknown}", "/nowhere/Mrs-Sharma", "/health/live"):
        await clinic.client.get(path)
    await clinic.client.request("SHARMA", "/health/live")
    text = (await clinic.client.get("/metrics")).text
    found = samples(text)

    def counted(method: str, route: str, status: str) -> float:
        labels = (("method", method), ("route", route), ("status", status))
        return found[("auscult_http_requests_total", labels)]

    assert counted("GET", "/recordings/{recording_id}", "404") == 1
    assert counted("GET", "/health/live", "200") == 1
    assert counted("GET", "none", "404") == 1
    assert counted("other", "/health/live", "405") == 1
    assert unknown not in text
    assert "harma" not in text.lower()


async def test_the_clinics_figures_are_there(clinic: OpenClinic) -> None:
    found = samples((await clinic.client.get("/metrics")).text)
    assert found[("auscult_disk_free_bytes", ())] > 0
    assert found[("auscult_jobs", ())] == 0
    assert found[("auscult_backup_age_seconds", ())] != found[("auscult_backup_age_seconds", ())], "NaN: none yet"
    assert found[("auscult_alarm", (("alarm", "backup"),))] == 1
    assert found[("auscult_alarm", (("alarm", "clock"),))] == 0


async def test_an_open_stream_is_counted_while_it_is_open(clinic: OpenClinic) -> None:
    cookies = dict(clinic.client.cookies)
    async with (
        served(clinic.clinic) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies=cookies) as browser,
    ):

        async def streams() -> float:
            return samples((await browser.get("/metrics")).text)[("auscult_open_streams", ())]

        async with browser.stream("GET", "/events") as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == ": open"
            assert await streams() == 1
        async with asyncio.timeout(20):
            while await streams() != 0:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("peer", "host", "headers", "expected"),
    [
        ("127.0.0.1", "127.0.0.1", {}, 200),
        ("::1", "localhost", {}, 200),
        ("192.168.1.9", "127.0.0.1", {}, 401),
        ("127.0.0.1", "clinic.example", {}, 401),  # a proxy on this machine
        ("127.0.0.1", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 401),
        ("127.0.0.1", "127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 401),
        ("192.168.1.9", "clinic.example", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("192.168.1.9", "clinic.example", {"Authorization": f"bearer  {TOKEN}"}, 200),
        ("192.168.1.9", "clinic.example", {"Authorization": f"Bearer {TOKEN}x"}, 401),
        ("192.168.1.9", "clinic.example", {"Authorization": "Bearer "}, 401),
        ("192.168.1.9", "clinic.example", {"Authorization": f"Basic {TOKEN}"}, 401),
    ],
)
async def test_the_figures_are_for_this_machine_or_for_who_has_the_token(
    clinic: OpenClinic, peer: str, host: str, headers: dict[str, str], expected: int
) -> None:
    transport = httpx.ASGITransport(create_app(clinic.clinic), client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers) as client:
        assert (await client.get("/metrics")).status_code == expected
