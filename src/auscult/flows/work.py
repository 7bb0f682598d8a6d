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


def recording_of(job: Job) -> RecordingId:
    """The recording that a job of these flows is about."""
    return RecordingId(job.subject.partition("/")[0])


def part_of(job: Job) -> int:
    """The part that a `HEAR_PART` job is about."""
    return int(job.subject.partition("/")[2])
