"""The invented clinic of `auscult demo`: patients of two countries, what was said in their visits, a morning's queue.

All of it is in `clinic.toml`, whose head says why none of its numbers can be anybody's.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from pydantic import Field

from auscult.domain.ids import TurnId
from auscult.domain.model import Value
from auscult.domain.patient import Identifier, Sex
from auscult.domain.queue import QueueStatus, Urgency
from auscult.domain.transcript import Speaker, Turn

_SPEAKERS = {"C": Speaker.CLINICIAN, "P": Speaker.PATIENT}
_SECONDS_FOR_A_LETTER = 0.07
"""About fourteen letters a second, as people talk: it only gives the turns their times."""


class DemoPatient(Value):
    """Somebody invented, as a nurse would have registered them."""

    slug: str
    name: str
    birth_date: date
    sex: Sex
    phone: str
    identifiers: tuple[Identifier, ...]
    language: str
    problems: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()


class DemoVisit(Value):
    """A consultation, word for word; `signed`: its note is to be signed."""

    slug: str
    patient: str
    title: str
    language: str
    minutes_ago: int = Field(gt=0)
    signed: bool
    turns: tuple[str, ...]

    @property
    def spoken(self) -> tuple[Turn, ...]:
        """The turns with ids `t1`, `t2` and so on, and times as if they had been spoken one after the other."""
        found: list[Turn] = []
        for number, line in enumerate(self.turns, start=1):
            who, _, text = line.partition(": ")
            start = found[-1].end if found else 0.0
            end = round(start + 0.5 + len(text) * _SECONDS_FOR_A_LETTER, 2)
            found.append(
                Turn(
                    id=TurnId(f"t{number}"),
                    speaker=_SPEAKERS[who],
                    text=text,
                    start=start,
                    end=end,
                    language=self.language,
                )
            )
        return tuple(found)


class DemoQueueEntry(Value):
    """Somebody's place in the queue. `joined`, `started` (or called) and `ended` are minutes ago."""

    patient: str
    reason: str
    urgency: Urgency = Urgency.ROUTINE
    joined: int
    started: int = 0
    ended: int = 0
    status: QueueStatus


class DemoClinic(Value):
    """All that there is to it."""

    doctor: str
    patient: tuple[DemoPatient, ...]
    visit: tuple[DemoVisit, ...]
    queue: tuple[DemoQueueEntry, ...]


@cache
def clinic() -> DemoClinic:
    """The invented clinic; the visits and the queue are in the order in which things happen."""
    read: dict[str, Any] = tomllib.loads(resources.files(__name__).joinpath("clinic.toml").read_text("utf-8"))
    return DemoClinic.model_validate(read)
