"""The jobs that carry the `scribe` journey: what they are called, and how a job names its recording and part."""

from __future__ import annotations

from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.ids import RecordingId
from auscult.domain.job import Job
from auscult.domain.recording import Recording

SCRIBE: Final = "scribe"
"""Receive and decode; hear a short recording at once, hand out the parts of a long one."""
HEAR_PART: Final = "hear_part"
"""Hear one part of a long recording; the last one to finish causes the write-up."""
WRITE_UP: Final = "write_up"
"""Tell the speakers apart, write the note, store it."""
REFILE: Final = "refile"
"""Re-wrap what belongs to a recording that was filed."""
TIDY: Final = "tidy"
"""Remove what a recording at rest no longer needs: of a discarded one, everything."""


def scribe_job(actor: Actor, recording: Recording) -> Job:
    """The job of the recording's current run."""
    return Job(clinic_id=actor.clinic_id, flow=SCRIBE, subject=recording.id, revision=max(1, recording.run))


def part_job(actor: Actor, recording: Recording, index: int) -> Job:
    """The job that hears part `index` in the current run."""
    subject = f"{recording.id}/{index}"
    return Job(clinic_id=actor.clinic_id, flow=HEAR_PART, subject=subject, revision=max(1, recording.run))


def write_up_job(actor: Actor, recording: Recording) -> Job:
    """The job that writes up the current run."""
    return Job(clinic_id=actor.clinic_id, flow=WRITE_UP, subject=recording.id, revision=max(1, recording.run))


def refile_job(actor: Actor, recording: Recording, cause: str = "") -> Job:
    """The job that follows the recording's last filing; `cause` tells apart what else may call for one."""
    subject = f"{recording.id}/{recording.run}/{cause}" if cause else recording.id
    return Job(clinic_id=actor.clinic_id, flow=REFILE, subject=subject, revision=max(1, recording.filings))


def tidy_job(actor: Actor, recording_id: RecordingId, cause: str, number: int) -> Job:
    """The job that tidies up after `cause` (`stored`, `signed`, …), which came for the `number`th time."""
    return Job(clinic_id=actor.clinic_id, flow=TIDY, subject=f"{recording_id}/{cause}", revision=max(1, number))


def recording_of(job: Job) -> RecordingId:
    """The recording that a job of these flows is about."""
    return RecordingId(job.subject.partition("/")[0])


def part_of(job: Job) -> int:
    """The part that a `HEAR_PART` job is about."""
    return int(job.subject.partition("/")[2])
