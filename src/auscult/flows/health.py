"""Whether the stores answer: really asked, seldom, and told to everybody who wants to know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from auscult.domain.errors import AuscultError
from auscult.domain.model import UtcDatetime, Value
from auscult.flows.services import Services

FRESH_FOR: Final = timedelta(seconds=5)
"""How old an answer may be. A look writes to the object store and waits for the disk; who asks need not be known."""
PATIENCE_SECONDS: Final = 5.0
"""A store that has not answered by then is not available to anybody else either."""

_log = structlog.get_logger(__name__)


class Health(Value):
    """`ok` or `unavailable` by store and for the writer, without details, and when that was so."""

    checks: dict[str, str]
    checked_at: UtcDatetime

    @property
    def good(self) -> bool:
        """Nothing is unavailable."""
        return all(state == "ok" for state in self.checks.values())


class HealthWatch:
    """Looks at the stores when somebody asks and the last look is too old; one look at a time, shared by all."""

    def __init__(self, services: Services, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Look at the stores of `services`; one that has not answered after `patience_seconds` is unavailable."""
        self._probes: Mapping[str, Callable[[], Awaitable[None]]] = {
            "records": services.records.ready,
            "objects": services.objects.ready,
            "jobs": services.jobs.ready,
        }
        self._now = services.ambient.now
        self._patience = patience_seconds
        self._last: Health | None = None
        self._looking: asyncio.Task[Health] | None = None
        self._unanswered: dict[str, asyncio.Task[bool]] = {}

    async def health(self) -> Health:
        """The last look when it is fresh, else a new one."""
        if self._last is not None and timedelta(0) <= self._now() - self._last.checked_at < FRESH_FOR:
            return self._last
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)  # whoever hangs up takes nothing from the others

    async def close(self) -> None:
        """Let go of stores that never answered."""
        waiting = [*self._unanswered.values(), *([self._looking] if self._looking else [])]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _look(self) -> Health:
        # A store that hangs is asked once, not again and again behind the first question.
        hanging = {name: task for name, task in self._unanswered.items() if not task.done()}
        tasks = self._unanswered = {
            name: hanging.get(name) or asyncio.create_task(_answers(name, probe))
            for name, probe in self._probes.items()
        }
        done, _ = await asyncio.wait(tasks.values(), timeout=self._patience)
        checks = {name: "ok" if task in done and task.result() else "unavailable" for name, task in tasks.items()}
        self._last = Health(checks={**checks, "writer": "ok"}, checked_at=self._now())
        return self._last


async def _answers(name: str, probe: Callable[[], Awaitable[None]]) -> bool:
    try:
        await probe()
    except AuscultError:
        return False
    except Exception as error:  # a store that breaks in a way it does not declare is no more available
        _log.warning("store_probe_failed", store=name, kind=type(error).__name__)
        return False
    return True
