"""Notes by a language model: on Bedrock, Gemini, or any server that speaks OpenAI's format (Ollama, vLLM).

A consultation is laid before a model as data (`prompting`), in parts where it is long (`parts`), with names and numbers
replaced where the settings ask for it (`trust.redaction`). The model returns statements with the turns they rest on
(`answer`); what those turns do not bear out it is asked to correct (`asking`). The answer becomes a note as the offline
writer's does (`composing`), with what only the offline writer found beside it (`completeness`). When a model cannot
write, the next one does, and the offline writer at last (`chain`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from auscult.domain.errors import EngineMissingError
from auscult.engines.writer import Writer
from auscult.engines.writer.model.breaker import Breaker
from auscult.engines.writer.model.budget import Budget
from auscult.engines.writer.model.chain import ChainWriter
from auscult.engines.writer.model.configuration import ModelAddress, parse_writers
from auscult.engines.writer.model.prompting import parse_split
from auscult.engines.writer.model.providers import missing, opened
from auscult.engines.writer.model.writing import Manner, ModelWriter, Redaction

__all__ = ["Budget", "Manner", "ModelAddress", "Redaction", "chain", "missing_for", "parse_split", "parse_writers"]


def chain(
    addresses: tuple[ModelAddress, ...],
    offline: Writer,
    *,
    manner: Manner,
    budget: Budget,
    seconds: float,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> ChainWriter:
    """The writers of these addresses, in order, and `offline` after them; `seconds` is what a note may take in all.

    `monotonic` gives seconds that only go forward; `sleep` waits before a second try.
    """
    models = [
        ModelWriter(address, manner, opened=opened, breaker=Breaker(monotonic), sleep=sleep) for address in addresses
    ]
    return ChainWriter(models, offline, budget=budget, seconds=seconds, monotonic=monotonic)


def missing_for(addresses: tuple[ModelAddress, ...]) -> EngineMissingError | None:
    """What the first of these models that cannot be asked lacks; None when nothing is missing."""
    return next((lacking for address in addresses if (lacking := missing(address)) is not None), None)
