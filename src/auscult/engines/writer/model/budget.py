"""What a note may spend on language models, and what it has spent: over all its parts, retries and writers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from auscult.domain.note import Usage

CHARACTERS_PER_TOKEN: Final = 2
"""Cautious on purpose: English has about four characters a token, Devanagari hardly one to two."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one note may spend. `usd` holds only for models whose price is known; None is no limit."""

    tokens: int = 400_000
    usd: Decimal | None = None


class Tally:
    """Counts what one note spends. Not for several threads: all of a note's requests run in one event loop."""

    def __init__(self, budget: Budget) -> None:
        """Nothing is spent yet."""
        self._budget = budget
        self._requests = 0
        self._input = 0
        self._output = 0
        self._usd = Decimal(0)
        self._priced = True

    def add(self, *, requests: int, input_tokens: int, output_tokens: int, usd: Decimal | None) -> None:
        """Count what a run spent; `usd` is None when its price is not known."""
        self._requests += requests
        self._input += input_tokens
        self._output += output_tokens
        self._usd += usd or Decimal(0)
        self._priced = self._priced and (usd is not None or not requests)

    @property
    def usage(self) -> Usage | None:
        """What was spent so far; None when no model was asked. The cost is None where any price is not known."""
        if not self._requests:
            return None
        return Usage(
            requests=self._requests,
            input_tokens=self._input,
            output_tokens=self._output,
            cost_usd=float(self._usd) if self._priced else None,
        )

    @property
    def tokens_left(self) -> int:
        """Tokens that may still be spent, never below zero."""
        return max(self._budget.tokens - self._input - self._output, 0)

    @property
    def usd_left(self) -> Decimal | None:
        """Dollars that may still be spent; None when there is no limit."""
        return None if self._budget.usd is None else max(self._budget.usd - self._usd, Decimal(0))

    def allows(self, characters: int) -> bool:
        """Whether a prompt of so many characters still fits, counted before it is sent."""
        return characters // CHARACTERS_PER_TOKEN <= self.tokens_left and self.usd_left != 0
