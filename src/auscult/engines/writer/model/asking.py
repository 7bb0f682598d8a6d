"""Asks a language model for one part of a note, and has it correct what the transcript does not bear out.

Every answer goes through the same checks as the finished note (`trust.grounding`). A fault goes back to the model with
its reason; what is still unsupported after the last try is kept, for the checks of the finished note to mark.

Imported only when a note is written by a model: pydantic-ai takes a second or two to load.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
class _Attempts:
    """The best answer so far, by the number of its faults."""

    faults: Faults
    best: tuple[int, Answer] | None = None

    def take(self, answer: Answer) -> list[str]:
        """Look at an answer; return what is to be corrected."""
        reasons = list(self.faults(answer))
        if self.best is None or len(reasons) < self.best[0]:
            self.best = (len(reasons), answer)
        return reasons[:MOST_REASONS]


async def ask(
    model: Model, *, instructions: str, data: str, faults: Faults, tally: Tally, request_seconds: float
) -> Answer:
    """Ask for a part of a note; returns the answer with the fewest faults.

    Raises `ModelFailedError`, which holds nothing of what was sent or came back. Cancelling closes the connection.
    """
    if not tally.allows(len(instructions) + len(data)):
        raise ModelFailedError("over_budget")
    attempts = _Attempts(faults)

    def from_text(context: RunContext[None], text: str) -> Answer:
        try:
            return read_answer(text)
        except NotAnAnswerError as error:
            response = context.messages[-1]
            if isinstance(response, ModelResponse) and response.finish_reason == "length":
                raise ModelFailedError("cut_short") from None  # asked again, it would be cut again
            raise ModelRetry(str(error)) from None

    async def run(*, with_tools: bool) -> None:
        outputs = [TextOutput(from_text), *([ToolOutput(Answer, name="note", strict=False)] if with_tools else [])]
        agent: Agent[None, Answer] = Agent(
            model,
            output_type=outputs,
            instructions=instructions if with_tools else f"{instructions}\n{_as_json()}",
            retries={"output": TRIES - 1, "tools": TRIES - 1},
            name="writer",
        )
        agent.instrument = False

        @agent.output_validator
        def passes(_context: RunContext[None], answer: Answer) -> Answer:
            reasons = attempts.take(answer)
            if reasons and usage.requests < TRIES:
                raise ModelRetry("Correct this and return the whole note again.\n" + "\n".join(reasons))
            return answer

        limits = UsageLimits(request_limit=TRIES, total_tokens_limit=tally.tokens_left, cost_limit=tally.usd_left)
        await agent.run(
            data,
            usage=usage,
            usage_limits=limits,
            model_settings={"temperature": 0.0, "max_tokens": ANSWER_TOKENS, "request_timeout": request_seconds},
        )

    usage = RunUsage()
    kind: FailureKind = "no_usable_answer"
    rest: float | None = None
    try:
        try:
            await run(with_tools=True)
        except known.ModelHTTPError as error:
            if not _knows_no_tools(error):
                raise
            await run(with_tools=False)
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
    if attempts.best is not None:
        return attempts.best[1]
    raise ModelFailedError(kind, rest=rest)  # outside of the handler: the vendor's error quotes what was sent


def _as_json() -> str:
    return f"Return one JSON object and nothing else. Its schema: {json.dumps(Answer.model_json_schema())}"


def _knows_no_tools(error: known.ModelHTTPError) -> bool:
    """True when a server will not be given tools: vLLM without a tool parser, Ollama with a small model."""
    return error.status_code == 400 and "tool" in str(error.body).casefold()


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
