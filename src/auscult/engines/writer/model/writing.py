"""One language model as a writer of notes: prompt, redaction, parts, and the answer as a note."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from auscult.domain.errors import EngineFailedError
from auscult.domain.note import NoteBody, WriterInfo
from auscult.domain.transcript import Turn
from auscult.engines.writer import Request
from auscult.engines.writer.model.answer import Answer, WrittenMedication, WrittenStatement
from auscult.engines.writer.model.breaker import Breaker
from auscult.engines.writer.model.budget import Tally
from auscult.engines.writer.model.composing import compose, faults
from auscult.engines.writer.model.configuration import ModelAddress
from auscult.engines.writer.model.failures import AT_FAULT, PASSING, ModelFailedError
from auscult.engines.writer.model.parts import merge, split
from auscult.engines.writer.model.prompting import Prompt, chosen, lay_out
from auscult.trust.redaction import Redactor

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    Open = Callable[[ModelAddress, float], AbstractAsyncContextManager[Model]]

AT_ONCE: Final = 3
"""Parts of one note asked for at the same time."""
PAUSE: Final = 1.0
"""Seconds before the one further try after a passing failure, when the provider names none."""
LONGEST_PAUSE: Final = 5.0
"""A provider that wants to be left alone for longer is passed over instead."""
DEEPEST_CUT: Final = 2
"""How often a part whose answer did not fit is cut in two."""

Redaction = Literal["off", "cloud", "always"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How models are asked, whichever they are.

    `names` are people of this clinic, to be redacted beside those of the request; `request_seconds` is the most that
    one request may take.
    """

    prompts: tuple[tuple[Prompt, int], ...]
    redaction: Redaction = "cloud"
    names: tuple[str, ...] = ()
    request_seconds: float = 45.0


@dataclass(frozen=True, slots=True)
class _Task:
    """One note to be written."""

    request: Request
    prompt: Prompt
    tally: Tally
    redactor: Redactor | None


class ModelWriter:
    """Writes notes with one language model. The chain decides what happens when it cannot."""

    def __init__(
        self,
        address: ModelAddress,
        manner: Manner,
        *,
        opened: Open,
        breaker: Breaker,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Bind the model; nothing is connected or imported before a note is written."""
        self._address = address
        self._manner = manner
        self._opened = opened
        self._breaker = breaker
        self._sleep = sleep

    @property
    def name(self) -> str:
        """`openai:llama3.1:8b`."""
        return self._address.name

    def info(self, prompt: Prompt) -> WriterInfo:
        """The vendor as its name, the model as its version, and the prompt."""
        return WriterInfo(name=self._address.vendor, version=self._address.model, prompt=prompt.mark)

    @property
    def usual_info(self) -> WriterInfo:
        """The same with the prompt that most recordings get."""
        return self.info(max(self._manner.prompts, key=lambda share: share[1])[0])

    async def write(self, request: Request, tally: Tally) -> NoteBody:
        """Write the note; what it costs is counted in `tally`, also when it fails.

        Raises `EngineMissingError` and `ModelFailedError`.
        """
        if not self._breaker.take():
            raise ModelFailedError.of("resting")
        try:
            body = await self._write(request, tally)
        except ModelFailedError as error:
            if error.kind in AT_FAULT:
                self._breaker.failed(rest=error.rest)
            else:
                self._breaker.released()
            raise
        except BaseException:  # cancelled, or nothing was asked
            self._breaker.released()
            raise
        self._breaker.succeeded()
        return body

    async def _write(self, request: Request, tally: Tally) -> NoteBody:
        prompt = chosen(self._manner.prompts, request.transcript.recording_id)
        task = _Task(request, prompt, tally, Redactor((*request.names, *self._manner.names)) if self._redacts else None)
        gate = asyncio.Semaphore(AT_ONCE)
        async with self._opened(self._address, self._manner.request_seconds) as model:

            async def part(turns: Sequence[Turn], depth: int = 0) -> Answer:
                try:
                    async with gate:
                        return await self._ask(model, task, turns)
                except ModelFailedError as error:
                    if error.kind != "cut_short" or depth == DEEPEST_CUT or len(turns) < 2:
                        raise
                middle = len(turns) // 2
                return merge([await part(turns[:middle], depth + 1), await part(turns[middle:], depth + 1)])

            answers = await _all([part(turns) for turns in split(request.transcript.turns)])
        return compose(merge(answers), request, self.info(prompt))

    @property
    def _redacts(self) -> bool:
        if self._manner.redaction == "cloud":
            return not self._address.on_this_machine
        return self._manner.redaction == "always"

    async def _ask(self, model: Model, task: _Task, turns: Sequence[Turn]) -> Answer:
        """One part; a passing failure is tried again once."""
        try:
            return await self._ask_once(model, task, turns)
        except ModelFailedError as error:
            pause = PAUSE if error.rest is None else error.rest
            if error.kind not in PASSING or pause > LONGEST_PAUSE:
                raise
        await self._sleep(pause)
        return await self._ask_once(model, task, turns)

    async def _ask_once(self, model: Model, task: _Task, turns: Sequence[Turn]) -> Answer:
        from auscult.engines.writer.model.asking import ask

        def wrong(answer: Answer) -> list[str]:
            return faults(_restored(answer, task.redactor), task.request.transcript, turns)

        answer = await ask(
            model,
            instructions=task.prompt.text,
            data=_data(turns, task.request, task.redactor),
            faults=wrong,
            tally=task.tally,
            request_seconds=self._manner.request_seconds,
        )
        return _restored(answer, task.redactor)


def _data(turns: Sequence[Turn], request: Request, redactor: Redactor | None) -> str:
    if redactor is None:
        return lay_out(turns, request.history, request.language)
    known = request.history
    return lay_out(
        [turn.model_copy(update={"text": redactor.redact(turn.text)}) for turn in turns],
        replace(
            known,
            problems=tuple(map(redactor.redact, known.problems)),
            medicines=tuple(map(redactor.redact, known.medicines)),
            allergies=tuple(map(redactor.redact, known.allergies)),
        ),
        request.language,
    )


def _restored(answer: Answer, redactor: Redactor | None) -> Answer:
    if redactor is None:
        return answer

    def back(entry: WrittenStatement | WrittenMedication) -> dict[str, str]:
        # a StrEnum is a str too, and has to stay what it is
        return {name: redactor.restore(value) for name, value in entry if type(value) is str}

    return Answer.model_construct(
        statements=[one.model_copy(update=back(one)) for one in answer.statements],
        medications=[one.model_copy(update=back(one)) for one in answer.medications],
    )


async def _all(parts: Sequence[Awaitable[Answer]]) -> list[Answer]:
    """All the answers in order; the first failure cancels the others and is raised as it is."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def failure_kind(error: EngineFailedError) -> str:
    """The kind of a failure in a word, for what a note records of the writers passed over."""
    return error.kind if isinstance(error, ModelFailedError) else error.code
