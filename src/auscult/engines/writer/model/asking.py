"""Asks a language model for one part of a note, and has it correct what the transcript does not bear out.

Every answer goes through the same checks as the finished note (`trust.grounding`). A fault goes back to the model with
its reason; what is still unsupported after the last try is kept, for the checks of the finished note to mark.

Imported only when a note is written by a model: pydantic-ai takes a second or two to load.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from pydantic_ai import Agent, ModelRetry, RunContext, TextOutput, ToolOutput
from pydantic_ai import exceptions as known
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.usage import RunUsage, UsageLimits

from auscult.engines.writer.model.answer import Answer, NotAnAnswerError, read_answer
from auscult.engines.writer.model.budget import Tally
from auscult.engines.writer.model.failures import Kind as FailureKind
from auscult.engines.writer.model.failures import ModelFailedError

TRIES: Final = 3
"""Answers asked for, in all, until one passes the checks."""
ANSWER_TOKENS: Final = 8_000
"""Room for an answer. A part of a consultation gives some forty statements of about eighty tokens with their frame."""
MOST_REASONS: Final = 20
"""Faults named to the model at once."""

Faults = Callable[[Answer], Sequence[str]]
"""What is wrong with an answer, in words for the model: statements by number, never a word of the consultation."""


@dataclass
class _Asking:
    """One part of a note being asked for."""

    model: Model
    instructions: str
    data: str
    faults: Faults
    limits: UsageLimits
    request_seconds: float
    usage: RunUsage = field(default_factory=RunUsage)
    best: tuple[int, Answer] | None = None
    """The best answer so far, with the number of its faults."""

    async def run(self) -> None:
        """Ask until an answer passes; without tools, or without instructions apart, where the server knows none."""
        without: set[str] = set()
        while True:
            try:
                await self._run(without)
            except known.ModelHTTPError as error:
                unknown = _unknown_to(error) - without
                if not unknown:
                    raise
                without |= unknown
            else:
                return

    async def _run(self, without: set[str]) -> None:
        tools = [] if "tool" in without else [ToolOutput(Answer, name="note", strict=False)]
        told = self.instructions if tools else f"{self.instructions}\n{_as_json()}"
        apart = "system" not in without
        agent: Agent[None, Answer] = Agent(
            self.model,
            output_type=[TextOutput(self._from_text), *tools],
            instructions=told if apart else None,
            retries={"output": TRIES - 1, "tools": TRIES - 1},
            name="writer",
        )
        agent.instrument = False  # a trace would hold the prompt
        agent.output_validator(self._passes)
        await agent.run(
            self.data if apart else f"{told}\n\n{self.data}",
            usage=self.usage,
            usage_limits=self.limits,
            model_settings={"temperature": 0.0, "max_tokens": ANSWER_TOKENS, "request_timeout": self.request_seconds},
        )

    def _passes(self, _context: RunContext[None], answer: Answer) -> Answer:
        reasons = self.faults(answer)
        if self.best is None or len(reasons) < self.best[0]:
            self.best = (len(reasons), answer)
        if reasons and self.usage.requests < TRIES:
            named = "\n".join(reasons[:MOST_REASONS])
            raise ModelRetry(f"Correct this and return the whole note again.\n{named}")
        return answer

    def _from_text(self, context: RunContext[None], text: str) -> Answer:
        try:
            return read_answer(text)
        except NotAnAnswerError as error:
            response = context.messages[-1]
            if isinstance(response, ModelResponse) and response.finish_reason == "length":
                raise ModelFailedError.of("cut_short") from None  # asked again, it would be cut again
            raise ModelRetry(str(error)) from None


async def ask(
    model: Model, *, instructions: str, data: str, faults: Faults, tally: Tally, request_seconds: float
) -> Answer:
    """Ask for a part of a note; returns the answer with the fewest faults.

    Raises `ModelFailedError`, which holds nothing of what was sent or came back. Cancelling closes the connection.
    """
    if not tally.allows(len(instructions) + len(data)):
        raise ModelFailedError.of("over_budget")
    limits = UsageLimits(request_limit=TRIES, total_tokens_limit=tally.tokens_left, cost_limit=tally.usd_left)
    asking = _Asking(model, instructions, data, faults, limits, request_seconds)
    usage = asking.usage
    kind: FailureKind = "no_usable_answer"
    rest: float | None = None
    try:
        await asking.run()
    except known.UsageLimitExceeded:
        kind = "no_usable_answer" if usage.requests >= TRIES else "over_budget"
    except known.AgentRunError as error:
        kind, rest = _kind(error)
    except ModelFailedError as error:
        kind = error.kind
    except Exception:  # what a vendor's client raises at an answer that is not in its format is anybody's guess
        rest = None
    finally:
        tally.add(
            requests=max(usage.requests, 1),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usd=usage.cost if usage.total_tokens else Decimal(0),
        )
    if asking.best is not None:
        return asking.best[1]
    raise ModelFailedError.of(kind, rest=rest)  # outside of the handler: the vendor's error quotes what was sent


def _as_json() -> str:
    return f"Return one JSON object and nothing else. Its schema: {json.dumps(Answer.model_json_schema())}"


def _unknown_to(error: known.ModelHTTPError) -> set[str]:
    """What a server will not be given; it then gets the schema, or everything, as plain text.

    `tool`: vLLM without a tool parser, Ollama with a small model, Titan. `system`, instructions apart: Titan.
    """
    said = str(error.body).casefold()
    return {what for what in ("tool", "system") if what in said} if error.status_code == 400 else set()


def _kind(error: known.AgentRunError) -> tuple[FailureKind, float | None]:
    """The kind of a failure, and for how many seconds the provider asked to be left alone."""
    match error:
        case known.ModelRequestTimeout() | known.ModelTimeoutError():
            return "timeout", None
        case known.ModelRateLimitError():
            return "rate_limited", error.retry_after
        case known.ModelHTTPError() if error.status_code == 429:
            return "rate_limited", error.retry_after
        case known.ModelHTTPError() if error.status_code >= 500:
            return "unavailable", error.retry_after
        case known.ModelHTTPError():
            return "rejected", None
        case known.ModelConnectionError():
            return "unreachable", None
        case known.ModelAPIError():
            return "unavailable", error.retry_after
        case known.OutputTokenLimitExceeded():
            return "cut_short", None
        case known.ContentFilterError():
            return "refused", None
        case _:
            return "no_usable_answer", None
