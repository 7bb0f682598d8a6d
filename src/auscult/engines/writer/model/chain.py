"""The writers of the settings, asked one after the other; the offline writer is always the last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from auscult.domain.errors import AuscultError, EngineFailedError, EngineMissingError, InvalidError
from auscult.domain.note import NoteBody, WriterInfo
from auscult.engines.writer import Request, Writer
from auscult.engines.writer.completeness import omitted
from auscult.engines.writer.model.budget import Budget, Tally
from auscult.engines.writer.model.writing import ModelWriter, failure_kind

_log = structlog.get_logger(__name__)

SHARE: Final = 0.9
"""Of the time that a note may take, what models get: the offline writer needs the rest."""
EMPTY: Final = "empty_note"
BROKEN: Final = "unexpected_error"
"""Why a writer was passed over that failed in a way nobody thought of."""


class ChainWriter:
    """Writes a note with the first model that can, else with the offline writer.

    A note by a model also holds what only the offline writer found (`NoteBody.omitted`).
    """

    def __init__(
        self,
        models: Sequence[ModelWriter],
        offline: Writer,
        *,
        budget: Budget,
        seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        """`seconds` is what a note may take in all; `monotonic` gives seconds that only go forward."""
        self.models = tuple(models)
        self._offline = offline
        self._budget = budget
        self._seconds = seconds * SHARE
        self._monotonic = monotonic

    @property
    def info(self) -> WriterInfo:
        """The writer that is asked first."""
        return self.models[0].usual_info if self.models else self._offline.info

    async def write(self, request: Request) -> NoteBody:
        """Write the note. Raises what the offline writer raises when no model could write either."""
        offline = await self._offline_note(request)
        tally = Tally(self._budget)
        passed_over: list[str] = []
        begun = self._monotonic()
        for model in self.models if any(turn.text.strip() for turn in request.transcript.turns) else ():
            left = self._seconds - (self._monotonic() - begun)
            written = await self._tried(model, request, tally, left)
            if isinstance(written, NoteBody) and (written.statements or not _has_statements(offline)):
                return _finished(written, offline, request, tally, passed_over)
            why = EMPTY if isinstance(written, NoteBody) else written
            passed_over.append(f"{model.name}: {why}")
            _log.warning("writer_passed_over", writer=model.name, why=why)
        if isinstance(offline, AuscultError):
            raise offline
        return offline.model_copy(update={"writer": _with(offline.writer, tally, passed_over)})

    async def _offline_note(self, request: Request) -> NoteBody | AuscultError:
        """The offline writer's note; why there is none, when it refuses (a language it does not know).

        Raises `InvalidError` for a request that no writer can meet.
        """
        try:
            return await self._offline.write(request)
        except InvalidError:
            raise
        except AuscultError as error:
            return error
        except Exception as error:  # a fault of ours in it must not cost the note that a model can write
            _log.error("writer_broke", writer=self._offline.info.name, error=type(error).__name__)
            return EngineFailedError(
                "The offline writer failed.", remedy="Write the note from the transcript, and report this."
            )

    async def _tried(self, model: ModelWriter, request: Request, tally: Tally, seconds: float) -> NoteBody | str:
        """The model's note, or in a word why there is none."""
        if seconds <= 0:
            return "timeout"
        try:
            async with asyncio.timeout(seconds):
                return await model.write(request, tally)
        except TimeoutError:
            return "timeout"
        except EngineMissingError:
            return "not_provisioned"
        except EngineFailedError as error:
            return failure_kind(error)
        except Exception as error:  # a provider's client is foreign code; its message may hold what it was sent
            _log.warning("writer_broke", writer=model.name, error=type(error).__name__)
            return BROKEN


def _has_statements(offline: NoteBody | AuscultError) -> bool:
    return isinstance(offline, NoteBody) and bool(offline.statements)


def _finished(
    written: NoteBody, offline: NoteBody | AuscultError, request: Request, tally: Tally, passed_over: list[str]
) -> NoteBody:
    info = _with(written.writer, tally, passed_over)
    if not isinstance(offline, NoteBody):
        return written.model_copy(update={"writer": info})
    statements, medications = omitted(written, offline, request.transcript)
    return written.model_copy(update={"writer": info, "omitted": statements, "omitted_medications": medications})


def _with(info: WriterInfo, tally: Tally, passed_over: list[str]) -> WriterInfo:
    return info.model_copy(update={"usage": tally.usage, "passed_over": tuple(passed_over)})
