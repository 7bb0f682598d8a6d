"""What an audited read costs beside the same read without its entry: `python -m bench.audited_reads`.

`GET /patients/{id}` over loopback from clients that ask again as soon as they are answered, on SQLite. Baseline: the
same requests to the same server with the writing of the entry left out, in turns; the better of the rounds of each
counts. Server and clients share one process, so the ratio is of all that a request costs, the client's part included.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.clinics import open_clinic
from tests.support.scripted_engines import Script, scripted_engines
from tests.support.serving import served

from auscult.flows import audit
from bench.figures import Figure, Size, run
from bench.loopback import Ask, Load, load

ROUNDS = 3


@contextmanager
def _unaudited() -> Iterator[None]:
    async def nothing(*_given: object, **_more: object) -> None:
        """The entry is left out."""

    kept = audit.note_request
    audit.note_request = nothing
    try:
        yield
    finally:
        audit.note_request = kept


async def _measure(size: Size) -> list[Figure]:
    requests = {"tiny": 4, "default": 40, "full": 200}[size]
    figures = []
    with tempfile.TemporaryDirectory(prefix="bench-audit-") as folder:
        async with (
            open_clinic(
                Path(folder), engines=lambda chosen: scripted_engines(chosen, Script(writer="quotes")), work=False
            ) as here,
            served(here.clinic) as port,
        ):
            patient = (await here.client.post("/patients", json={"name": "Somebody"})).json()["patient_id"]
            headers = {"Cookie": f"auscult_session={here.client.cookies['auscult_session']}"}

            async def measured(clients: int) -> Load:
                return await load(port, headers, clients, requests, lambda _client, _number: Ask("GET", path))

            path = f"/patients/{patient}"
            for clients in (1, 50):
                await measured(clients)  # warm
                plain: list[Load] = []
                audited: list[Load] = []
                for _ in range(ROUNDS):
                    with _unaudited():
                        plain.append(await measured(clients))
                    audited.append(await measured(clients))
                best, base = (min(one, key=lambda each: each.at(0.5)) for one in (audited, plain))
                name = f"GET /patients/{{id}}, {clients} client{'s' if clients > 1 else ''}"
                figures += [
                    Figure(f"{name}: p50", best.at(0.5), "ms", "not audited", base.at(0.5)),
                    Figure(f"{name}: p99", best.at(0.99), "ms", "not audited", base.at(0.99)),
                    Figure(f"{name}: requests", best.rate, "/s", "not audited", base.rate),
                    Figure(f"{name}: p50 over the same not audited", best.at(0.5) / base.at(0.5), ""),
                ]
    return figures


def measure(size: Size) -> list[Figure]:
    """Measure audited reads beside unaudited ones."""
    return asyncio.run(_measure(size))


if __name__ == "__main__":
    run(measure, __doc__)
