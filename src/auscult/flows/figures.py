"""What an operator watches, in figures: disk, clock, queue, backups, certificates. And which of them are alarming.

The thresholds stand here once; `deploy/prometheus/alerts.yml` repeats them for Prometheus, and a test compares.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from cryptography import x509

from auscult.domain.actor import Actor
from auscult.domain.model import UtcDatetime, Value
from auscult.flows.services import Services
from auscult.flows.tables import LATE_UPLOAD, LIVE, RECORDINGS, UPLOAD

LAST_BACKUP: Final = "last-backup.json"
"""In the data folder, written by `auscult backup`: `{"at": "2026-11-22T03:00:00Z", …}`."""

DISK_FREE_SHARE: Final = 0.10
"""Below a tenth SQLite's checkpoints and a day of recordings still fit; below half of that is `DISK_FREE_LAST`."""
DISK_FREE_LAST: Final = 0.05
CLOCK_SECONDS: Final = 30.0
"""One-time codes are good for 30 s (RFC 6238, section 5.2): a clock that is further off locks people out."""
QUEUE_SECONDS: Final = 900.0
"""A consultation is written up in minutes; a job that is a quarter of an hour old means that nobody works."""
BACKUP_SECONDS: Final = 26 * 3600.0
"""A backup a day, and two hours for one that takes long."""
CERTIFICATE_SECONDS: Final = 14 * 86400.0
"""Renewal begins 30 days before the end; half of that later it has failed more than once."""
_COUNTED: Final = 1000


class Figures(Value):
    """The figures at one moment. None: there is no such thing here, or it cannot be told."""

    at: UtcDatetime
    disk_free_bytes: int
    disk_size_bytes: int
    clock_offset_seconds: float | None = None
    """This machine's clock less that of the database: positive when ours is fast."""
    clock_behind_seconds: float
    """How far the clock stands before the newest file in the data folder: it was set back."""
    jobs: int
    oldest_job_seconds: float = 0.0
    outbox_jobs: int
    """Jobs that were committed and not yet handed to the engine (100 means that many or more)."""
    recordings_waiting: int
    """Recordings that wait for their sound (1000 means that many or more)."""
    backup_age_seconds: float | None = None
    certificate_seconds: float | None = None
    """Until the first certificate that is served ends."""

    @property
    def disk_free_share(self) -> float:
        """The free part of the disk, in [0, 1]."""
        return self.disk_free_bytes / self.disk_size_bytes if self.disk_size_bytes else 0.0


class Alarm(Value):
    """Something that a person has to look at, and what to do."""

    name: Literal["disk", "clock", "queue", "backup", "certificate"]
    sentence: str
    remedy: str


async def look(services: Services, actor: Actor, folder: Path, certificates: Sequence[Path] = ()) -> Figures:
    """The figures of a clinic whose data are in `folder`, and which serves these certificates.

    Raises `UnavailableError` when the database does not answer.
    """
    now = services.ambient.now()
    disk = await asyncio.to_thread(shutil.disk_usage, folder)
    before = services.ambient.now()
    clock = await services.jobs.clock()
    after = services.ambient.now()
    oldest = await services.jobs.oldest()
    backup = await asyncio.to_thread(_last_backup, folder)
    ends = await asyncio.to_thread(_first_end, [*certificates, *sorted((folder / "tls").glob("*.pem"))])
    return Figures(
        at=now,
        disk_free_bytes=disk.free,
        disk_size_bytes=disk.total,
        # Half of the time that asking took passed before the answer was made (as NTP has it, RFC 5905, section 8).
        clock_offset_seconds=((before - clock) + (after - clock)).total_seconds() / 2,
        clock_behind_seconds=await asyncio.to_thread(_behind, folder, now),
        jobs=await services.jobs.depth(),
        oldest_job_seconds=0.0 if oldest is None else max(0.0, (clock - oldest).total_seconds()),
        outbox_jobs=len(await services.records.outbox.pending_jobs()),
        recordings_waiting=await _recordings_waiting(services, actor),
        backup_age_seconds=None if backup is None else (now - backup).total_seconds(),
        certificate_seconds=None if ends is None else (ends - now).total_seconds(),
    )


def alarms(figures: Figures) -> list[Alarm]:
    """What is alarming in these figures, the most urgent first."""
    rules: Sequence[tuple[bool, Callable[[], Alarm]]] = (
        (figures.disk_free_share < DISK_FREE_SHARE, lambda: _disk(figures)),
        (_clock_off(figures) > CLOCK_SECONDS, lambda: _clock(figures)),
        (figures.oldest_job_seconds > QUEUE_SECONDS, lambda: _queue(figures)),
        (
            figures.backup_age_seconds is None or not 0 <= figures.backup_age_seconds <= BACKUP_SECONDS,
            lambda: _backup(figures),
        ),
        (
            figures.certificate_seconds is not None and figures.certificate_seconds < CERTIFICATE_SECONDS,
            lambda: _certificate(figures),
        ),
    )
    return [alarm() for alarming, alarm in rules if alarming]


def _disk(figures: Figures) -> Alarm:
    urgently = " Recording will soon stop." if figures.disk_free_share < DISK_FREE_LAST else ""
    return Alarm(
        name="disk",
        sentence=f"Only {figures.disk_free_share:.0%} of the disk is free.{urgently}",
        remedy="Free space, move AUSCULT_DATA to a larger disk, or keep sound for fewer days (AUSCULT_DELETE_AUDIO).",
    )


def _clock_off(figures: Figures) -> float:
    return max(abs(figures.clock_offset_seconds or 0.0), figures.clock_behind_seconds)


def _clock(figures: Figures) -> Alarm:
    return Alarm(
        name="clock",
        sentence=f"The clock of this machine is off by {_clock_off(figures):.0f} seconds or more.",
        remedy="Have it set from the network: timedatectl set-ntp true.",
    )


def _queue(figures: Figures) -> Alarm:
    return Alarm(
        name="queue",
        sentence=f"{figures.jobs} jobs wait, the oldest for {figures.oldest_job_seconds / 60:.0f} minutes.",
        remedy="Start a worker (`auscult work`), or look in the log for what stops the one that runs.",
    )


def _backup(figures: Figures) -> Alarm:
    age = figures.backup_age_seconds
    if age is None:
        sentence = "There is no backup yet."
    elif age < 0:
        sentence = "The last backup says that it was made in the future."
    else:
        sentence = f"The last backup is {age / 3600:.0f} hours old."
    return Alarm(
        name="backup",
        sentence=sentence,
        remedy="Run `auscult backup`, and have it run each night (deploy/systemd/auscult-backup.timer).",
    )


def _certificate(figures: Figures) -> Alarm:
    days = (figures.certificate_seconds or 0.0) / 86400
    return Alarm(
        name="certificate",
        sentence=f"A certificate ends in {days:.0f} days." if days > 0 else "A certificate has ended.",
        remedy="Renew it; the clinic's own are renewed while `auscult up --lan` runs.",
    )


async def _recordings_waiting(services: Services, actor: Actor) -> int:
    table = services.records_of(actor).table(RECORDINGS)
    found = 0
    for kind in (UPLOAD, LIVE, LATE_UPLOAD):
        found += len((await table.query(kind, index="waiting", limit=_COUNTED)).items)
    return min(found, _COUNTED)


def _last_backup(folder: Path) -> datetime | None:
    """When the last backup was made; None when there was none, or the file does not say."""
    try:
        told = json.loads((folder / LAST_BACKUP).read_bytes()[:65536])
        at = datetime.fromisoformat(told["at"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None


def _first_end(certificates: Sequence[Path]) -> datetime | None:
    ends = []
    for path in certificates:
        try:
            ends.append(x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc)
        except (OSError, ValueError):  # what cannot be read is not served either: the server refused to start
            continue
    return min(ends, default=None)


def _behind(folder: Path, now: datetime) -> float:
    newest = max((one.stat().st_mtime for one in folder.iterdir() if one.is_file()), default=0.0)
    return max(0.0, newest - now.timestamp())
