"""What a screen in the waiting room is told: numbers, and nothing of whose they are."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from auscult.domain.queue import QueueEntry, QueueStatus


class NumbersView(BaseModel):
    """The queue for a screen that everybody sees: numbers only, each list as they come."""

    called: list[int]
    consulting: list[int]
    waiting: list[int]

    @classmethod
    def of(cls, entries: Sequence[QueueEntry]) -> NumbersView:
        """From the entries of the queue, in their order. Who was called last comes first: theirs is the news."""
        newest = sorted(
            (one for one in entries if one.status is QueueStatus.CALLED and one.called_at is not None),
            key=lambda one: (one.called_at, one.number),
            reverse=True,
        )
        return cls(
            called=[one.number for one in newest],
            consulting=[one.number for one in entries if one.status is QueueStatus.CONSULTING],
            waiting=[one.number for one in entries if one.status is QueueStatus.WAITING],
        )
