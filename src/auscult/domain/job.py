"""A piece of durable work: `(flow, subject, revision)`. It carries ids only."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from pydantic import Field

from auscult.domain.ids import ClinicId, JobId
from auscult.domain.model import UtcDatetime, Value
from auscult.domain.recording import Failure


class Priority(IntEnum):
    """Lower runs first."""

    URGENT = 1
    NORMAL = 10
    BACKGROUND = 100


class JobStatus(StrEnum):
    """Where a job is. The last three are final until a person retries."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Value):
    """A request to run a flow for a subject. The same `(clinic, flow, subject, revision)` twice is one job."""

    clinic_id: ClinicId
    flow: str = Field(pattern=r"^[a-z_]{1,40}$")
    subject: str = Field(pattern=r"^[A-Za-z0-9_./-]{1,120}$")
    revision: int = Field(ge=1, default=1)
    priority: Priority = Priority.NORMAL

    @property
    def id(self) -> JobId:
        """The key that makes enqueueing twice harmless."""
        return JobId(f"{self.clinic_id}:{self.flow}:{self.subject}:{self.revision}")


class JobState(Value):
    """What has become of a job, as the clinic shows it."""

    job: Job
    status: JobStatus
    attempts: int = Field(ge=0, default=0)
    failure: Failure | None = None
    updated_at: UtcDatetime
