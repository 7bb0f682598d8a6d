"""The base of every domain value: frozen, strict about unknown fields, with aware UTC times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:  # the first or the last day of the calendar, elsewhere on Earth
        raise ValueError("the time lies outside the calendar") from error


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An aware time, normalised to UTC; a naive one is refused."""


class Value(BaseModel):
    """An immutable value. Two with equal fields are equal; change one with `model_copy(update=…)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
