"""What nobody thought of: a writer that breaks in a way of its own never costs the note, nor tells what was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from tests.support.model_servers import Reply, model_server
from tests.unit.engines.writer.test_model_over_the_wire import GOOD, VISIT, writer

from auscult.domain.errors import EngineFailedError
from auscult.domain.note import WriterInfo
from auscult.engines.writer import Request
from auscult.engines.writer.model import Budget, Manner, parse_split, parse_writers
from auscult.engines.writer.model.breaker import Breaker
from auscult.engines.writer.model.chain import ChainWriter
from auscult.engines.writer.model.writing import ModelWriter
from auscult.engines.writer.offline import OfflineWriter

SAID = "I have had a dry cough"
BROKEN = [KeyError(SAID), RecursionError(SAID), ValueError(SAID), ExceptionGroup(SAID, [OSError(SAID)])]


def breaking(error: BaseException) -> Callable[..., Any]:
    """A provider's client that fails so."""

    @asynccontextmanager
    async def opened(*_: Any) -> AsyncIterator[Any]:
        raise error
        yield

    return opened


def chain_of(*clients: Callable[..., Any]) -> ChainWriter:
    """A chain of a model for each client, then the offline writer."""
    (address,) = parse_writers("openai:m@http://127.0.0.1:9/v1")
    manner = Manner(prompts=parse_split("note-2"))
    models = [ModelWriter(address, manner, opened=one, breaker=Breaker(lambda: 0.0)) for one in clients]
    return ChainWriter(models, OfflineWriter(), budget=Budget(), seconds=30.0, monotonic=lambda: 0.0)


@pytest.mark.parametrize("error", BROKEN, ids=lambda error: type(error).__name__)
async def test_a_model_that_breaks_unexpectedly_is_passed_over_and_only_the_kind_of_fault_is_logged(
    error: Exception,
) -> None:
    with structlog.testing.capture_logs() as logged:
        body = await chain_of(breaking(error), breaking(error)).write(Request(transcript=VISIT))
    assert body.writer.name == "offline"
    assert body.statements
    assert body.writer.passed_over == ("openai:m: unexpected_error",) * 2
    assert type(error).__name__ in {entry.get("error") for entry in logged}
    assert SAID not in str(logged)


async def test_the_next_model_writes_when_the_first_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-real-key")
    with model_server("openai", Reply(note=GOOD)) as server:
        whole = writer(server)
        broken = chain_of(breaking(KeyError(SAID)))
        whole.models = (*broken.models, *whole.models)
        body = await whole.write(Request(transcript=VISIT))
    assert (body.writer.name, body.writer.passed_over) == ("openai", ("openai:m: unexpected_error",))


async def test_cancelling_still_cancels_and_is_no_fault() -> None:
    begun = asyncio.Event()

    @asynccontextmanager
    async def waiting(*_: Any) -> AsyncIterator[Any]:
        begun.set()
        await asyncio.Event().wait()
        yield

    task = asyncio.create_task(chain_of(waiting).write(Request(transcript=VISIT)))
    await begun.wait()
    task.cancel()
    with structlog.testing.capture_logs() as logged, pytest.raises(asyncio.CancelledError):
        await task
    assert logged == []


class Breaking:
    """An offline writer with a fault in it."""

    @property
    def info(self) -> WriterInfo:
        return WriterInfo(name="offline", version="1")

    async def write(self, request: Request) -> Any:
        raise IndexError(request.transcript.turns[0].text)


async def test_a_fault_in_the_offline_writer_does_not_cost_the_note_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-real-key")
    with model_server("openai", Reply(note=GOOD)) as server, structlog.testing.capture_logs() as logged:
        body = await writer(server, offline=Breaking()).write(Request(transcript=VISIT))
    assert body.writer.name == "openai"
    assert [(entry["event"], entry["error"]) for entry in logged] == [("writer_broke", "IndexError")]
    assert VISIT.turns[0].text not in str(logged)


async def test_without_any_model_a_fault_in_the_offline_writer_is_an_error_that_says_what_to_do() -> None:
    lonely = ChainWriter((), Breaking(), budget=Budget(), seconds=30.0, monotonic=lambda: 0.0)
    with pytest.raises(EngineFailedError, match="offline writer failed") as raised:
        await lonely.write(Request(transcript=VISIT))
    assert VISIT.turns[0].text not in f"{raised.value}{raised.value.reason}{raised.value.remedy}"
