"""Other members of a running clinic: a nurse beside its first doctor."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from auscult.clinic import Clinic
from auscult.domain.access import User
from auscult.domain.actor import Role
from auscult.domain.ids import UserId
from auscult.flows import access
from auscult.settings import Settings
from tests.support.running import RunningClinic


def sign_in_link(clinic: RunningClinic, name: str, role: Role) -> str:
    """A one-time link for a new member. Works beside a running server, as `auscult sign-in-link` does."""

    async def made() -> str:
        settings = Settings(data=clinic.folder / "data")
        async with await Clinic.open(settings, work=False) as opened:
            services = opened.services
            user = User(
                id=UserId(services.ambient.new_id("USR")), name=name, role=role, created_at=services.ambient.now()
            )
            await services.records.of(opened.clinic_id).table(access.USERS).put(user, if_version=0)
            return await access.make_link(services, opened.clinic_id, user)

    with ThreadPoolExecutor(1) as beside:  # Playwright has an event loop of its own in this thread
        return f"{clinic.origin}/sign-in?token={beside.submit(lambda: asyncio.run(made())).result(120)}"
