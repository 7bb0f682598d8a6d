"""A whole clinic in a temporary folder, and a client that is signed in to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from auscult.api.app import create_app
from auscult.clinic import Clinic
from auscult.clinic.makers import Engines
from auscult.domain.actor import Role
from auscult.domain.ambient import Ambient
from auscult.flows import access
from auscult.settings import Settings


@dataclass(frozen=True)
class OpenClinic:
    """The clinic, its HTTP application's client (signed in as its doctor), and how to make other callers."""

    clinic: Clinic
    client: httpx.AsyncClient

    async def api_key(self, role: Role = Role.INTEGRATION) -> str:
        token, _key = await access.make_api_key(self.clinic.services, self.clinic.clinic_id, "test", role)
        return token

    def stranger(self, **headers: str) -> httpx.AsyncClient:
        """A client that is not signed in, with these headers."""
        app = self.client._transport.app  # type: ignore[attr-defined]  # the transport is ours, and an ASGI one
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://127.0.0.1", headers=headers
        )

    async def settled(self, recording_id: str, seconds: float = 60.0) -> dict[str, Any]:
        """Follow a recording until its work has ended."""
        return await eventually(
            lambda: self.recording(recording_id),
            lambda body: body["status"] not in {"open", "received", "processing"},
            seconds=seconds,
        )

    async def recording(self, recording_id: str) -> dict[str, Any]:
        answer = await self.client.get(f"/recordings/{recording_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@asynccontextmanager
async def open_clinic(
    folder: Path,
    *,
    engines: Callable[[Settings], Engines] | None = None,
    ambient: Ambient | None = None,
    work: bool | None = None,
    **settings: Any,
) -> AsyncIterator[OpenClinic]:
    """Open a clinic with real stores (and, unless replaced, real engines and time) and sign its doctor in."""
    chosen = Settings(data=folder, **{"rates": False, **settings})  # tests call as fast as they can
    clinic = await Clinic.open(chosen, ambient=ambient, work=work, engines=engines(chosen) if engines else None)
    try:
        user = await access.owner(clinic.services, clinic.clinic_id, "Dr Aroha Rangi")
        token, _session = await access.sign_in(
            clinic.services, await access.make_link(clinic.services, clinic.clinic_id, user)
        )
        transport = httpx.ASGITransport(create_app(clinic), raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://127.0.0.1",
            cookies={"auscult_session": token},
            headers={"X-Auscult": "1"},
        ) as client:
            yield OpenClinic(clinic, client)
    finally:
        await clinic.close()


async def eventually(ask: Callable[[], Any], good: Callable[[Any], bool], *, seconds: float = 30.0) -> Any:
    """Ask until the answer is good; fail with the last answer when it is not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        answer = await ask()
        if good(answer):
            return answer
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not in {seconds} s: {answer}")
        await asyncio.sleep(0.05)
