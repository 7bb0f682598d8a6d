"""What a live screen follows: its clinic's events, for as long as whoever asked may see them and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from auscult.domain.errors import AuscultError
from auscult.domain.event import Event
from auscult.flows.access import ACCESS_CHANGED, Admission
from auscult.flows.services import Services
from auscult.stores.events import Feed

CHECK_SECONDS: Final = 15.0
"""How often a caller is asked for again at the latest; an ended session or key is noticed at once, in any process."""


async def follow(
    services: Services,
    feed: Feed,
    admit: Callable[[], Awaitable[Admission]],
    after: int | None = None,
    *,
    check_seconds: float = CHECK_SECONDS,
) -> AsyncGenerator[Event]:
    """Yield the clinic's events as `Feed.follow` does, and end when `admit` no longer lets the caller in.

    `admit` says whom the caller's credential lets in, or raises. It is asked at the start, when any access of the
    clinic was ended, when this one expires, and every `check_seconds`.
    """
    loop = asyncio.get_running_loop()
    admission = await admit()
    clinic_id = admission.actor.clinic_id
    events = feed.follow(clinic_id, after)
    coming = asyncio.ensure_future(_next(events))
    check_at = loop.time() + check_seconds
    try:
        while True:
            left = (admission.expires_at - services.ambient.now()).total_seconds()
            await asyncio.wait({coming}, timeout=max(0.0, min(left, check_at - loop.time())))
            event = coming.result() if coming.done() else None
            # Before an event is told: after a sign-out nobody hears another word.
            ask = event is None or event.name == ACCESS_CHANGED or loop.time() >= check_at
            if ask or admission.expires_at <= services.ambient.now():
                try:
                    admission = await admit()
                except AuscultError:  # ended, or nobody can say: who may still listen comes back and asks
                    return
                check_at = loop.time() + check_seconds
            if event is None:
                continue
            coming = asyncio.ensure_future(_next(events))
            if event.name != ACCESS_CHANGED:
                yield event
    finally:
        if coming.cancel():
            await asyncio.wait({coming})
        await events.aclose()


async def _next(events: AsyncGenerator[Event]) -> Event:
    return await anext(events)
