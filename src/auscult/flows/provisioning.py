"""What an operator asks about engines: what each role is bound to, what is missing, and getting it, with progress."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Final, Literal

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError, CancelledError, ConflictError
from auscult.domain.model import Value
from auscult.flows.recording_state import event
from auscult.flows.services import Services

Pull = Callable[[str, Callable[[float], None], Callable[[], bool]], None]
"""Downloads the model of that size; reports a fraction; stops with `CancelledError` when told to. Blocking."""

_TELL_STEP: Final = 0.01
"""Live screens are told each per cent, not each block."""


class RoleReport(Value):
    """What one role is bound to; `missing` is None, or one sentence with the command that gets it."""

    role: str
    bound: str
    model: str = ""
    demo_quality: bool = False
    missing: str | None = None


class WhisperSizeReport(Value):
    """One Whisper size: megabytes to download, whether it is here, whether it fits this machine."""

    size: str
    download_mb: int
    provisioned: bool
    fits: bool


class WhisperReport(Value):
    """This machine, and the Whisper sizes for it."""

    hardware: str
    suggested: str
    sizes: tuple[WhisperSizeReport, ...]


class PullState(Value):
    """A model download under way, or how the last one ended."""

    size: str
    fraction: float = 0.0
    status: Literal["running", "done", "failed", "cancelled"] = "running"
    reason: str = ""
    remedy: str = ""


class Downloads:
    """One model download at a time, for the whole process; its progress goes to the clinic's live screens."""

    def __init__(self, services: Services, pull: Pull) -> None:
        """Download with `pull`."""
        self._services = services
        self._pull = pull
        self._task: asyncio.Task[None] | None = None
        self._stop = threading.Event()
        self.state: PullState | None = None

    def start(self, actor: Actor, size: str) -> PullState:
        """Start downloading. The same size again is the same download; another one raises `ConflictError`."""
        if self._task is not None and not self._task.done() and self.state is not None:
            if self.state.size == size:
                return self.state
            raise ConflictError("Another model is being downloaded.", remedy="Wait for it, or cancel it first.")
        self._stop.clear()
        self.state = PullState(size=size)
        self._task = asyncio.create_task(self._run(actor, size))
        return self.state

    async def cancel(self) -> PullState | None:
        """Stop the download under way and wait until it has stopped."""
        self._stop.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        return self.state

    async def close(self) -> None:
        """Stop whatever is under way."""
        await self.cancel()

    async def _run(self, actor: Actor, size: str) -> None:
        loop = asyncio.get_running_loop()
        told = 0.0

        def progress(fraction: float) -> None:
            nonlocal told
            if fraction - told >= _TELL_STEP:
                told = fraction
                asyncio.run_coroutine_threadsafe(self._tell(actor, PullState(size=size, fraction=fraction)), loop)

        try:
            await asyncio.to_thread(self._pull, size, progress, self._stop.is_set)
        except CancelledError as error:
            ended = PullState(size=size, fraction=told, status="cancelled", reason=error.reason)
        except AuscultError as error:
            ended = PullState(size=size, fraction=told, status="failed", reason=error.reason, remedy=error.remedy)
        except Exception:  # a download may fail in ways its library does not name
            ended = PullState(
                size=size,
                fraction=told,
                status="failed",
                reason="The download failed.",
                remedy="Check the network and try again; what arrived is kept.",
            )
        else:
            ended = PullState(size=size, fraction=1.0, status="done")
        await self._tell(actor, ended)

    async def _tell(self, actor: Actor, state: PullState) -> None:
        if self.state is not None and self.state.status != "running":
            return
        self.state = state
        told = event(
            self._services,
            actor,
            "model_progress",
            size=state.size,
            fraction=round(state.fraction, 3),
            status=state.status,
        )
        await self._services.records_of(actor).transact(events=[told])
