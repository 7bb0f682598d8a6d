"""When a schedule is due: five-field cron expressions, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

from croniter import CroniterError, croniter

from auscult.domain.errors import InvalidError


def check(cron: str, now: datetime) -> None:
    """Raise `InvalidError` unless `cron` has five fields (minute hour day month weekday) and a time that comes."""
    if len(cron.split()) != 5 or not croniter.is_valid(cron):
        raise InvalidError(f"`{cron}` is not a cron expression of five fields.")
    try:
        next_due(cron, now)
    except CroniterError as error:
        raise InvalidError(f"`{cron}` names a time that never comes.") from error


def latest_due(cron: str, now: datetime) -> datetime:
    """The newest time at or before `now` that the expression names; aware, UTC, whole minutes."""
    # get_prev is strictly before its start: the microsecond makes `now` itself count.
    start = now.astimezone(UTC) + timedelta(microseconds=1)
    return cast("datetime", croniter(cron, start).get_prev(datetime))


def next_due(cron: str, now: datetime) -> datetime:
    """The first time after `now` that the expression names; aware, UTC, whole minutes."""
    return cast("datetime", croniter(cron, now.astimezone(UTC)).get_next(datetime))
