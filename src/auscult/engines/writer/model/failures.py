"""How asking a language model can fail, in kinds: neither a provider's message nor anything it was sent is kept."""

from __future__ import annotations

from typing import Final, Literal, Self

from auscult.domain.errors import EngineFailedError

Kind = Literal[
    "timeout",
    "rate_limited",
    "unavailable",
    "unreachable",
    "rejected",
    "refused",
    "cut_short",
    "no_usable_answer",
    "over_budget",
    "resting",
]

_REASONS: Final[dict[Kind, tuple[str, str]]] = {
    "timeout": ("did not answer in time", "Retry, or raise AUSCULT_WRITER_REQUEST_TIMEOUT."),
    "rate_limited": ("was asked too often", "Wait a minute and retry, or raise the quota with the provider."),
    "unavailable": ("failed on its side", "Retry later, or add a second writer to AUSCULT_WRITER."),
    "unreachable": ("could not be reached", "Check its address in AUSCULT_WRITER and that the server runs."),
    "rejected": ("rejected the request", "Check the model's name, the key and what the key may use."),
    "refused": ("declined to write about this consultation", "Choose another model, or write from the transcript."),
    "cut_short": ("ran out of room before the note was complete", "Choose a model with longer answers."),
    "no_usable_answer": ("did not return a note", "Choose a more capable model."),
    "over_budget": (
        "would cost more than a note may",
        "Raise AUSCULT_WRITER_BUDGET_TOKENS or AUSCULT_WRITER_BUDGET_USD.",
    ),
    "resting": ("failed several times and is left alone for a while", "Wait a minute and retry."),
}
AT_FAULT: Final[frozenset[Kind]] = frozenset({"timeout", "rate_limited", "unavailable", "unreachable", "rejected"})
"""Kinds that say something of the provider rather than of this one consultation."""
PASSING: Final[frozenset[Kind]] = frozenset({"rate_limited", "unavailable", "unreachable"})
"""Kinds that another try a moment later may not meet."""


class ModelFailedError(EngineFailedError):
    """A language model could not write the note. `rest` is for how many seconds its provider asked to be left alone."""

    kind: Kind = "no_usable_answer"
    rest: float | None = None

    @classmethod
    def of(cls, kind: Kind, *, rest: float | None = None) -> Self:
        """The failure of this kind."""
        reason, remedy = _REASONS[kind]
        error = cls(f"The language model {reason}.", remedy=remedy, extras={"kind": kind})
        error.kind, error.rest = kind, rest
        return error
