"""What every flow may use: stores, engines and the injected world. Built once, by `auscult.clinic`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from auscult.domain.actor import Actor
from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.engines.speakers import Diariser
from auscult.engines.speech import Decoder, Gate, Recogniser
from auscult.engines.writer import Writer
from auscult.stores.audit import Checkpoints
from auscult.stores.jobs import Jobs
from auscult.stores.objects import ClinicObjects, Objects
from auscult.stores.records import ClinicRecords, Records


@dataclass(frozen=True, slots=True)
class Limits:
    """What the doors and the work may take at most."""

    upload_bytes: int
    slice_bytes: int
    upload_url_seconds: int
    writer_seconds: float
    part_seconds: float
    delete_audio: str
    """`after_note`, `after_signing`, or a number of days."""
    abandon_after_seconds: float
    """How long a live recording may hear nothing of its device before it is closed with what it has."""
    session_seconds: float
    """How long somebody stays signed in at most."""
    session_idle_seconds: float
    """How long somebody stays signed in who does nothing."""
    care_team_assigned: bool = False
    """Whether only a patient's care team opens their record."""
    break_glass_seconds: float = 3600.0
    """How long a reason that was given opens a record."""


@dataclass(frozen=True, slots=True)
class Services:
    """Stores and engines by role; `recogniser()` answers the best one that is provisioned now."""

    records: Records
    objects: Objects
    checkpoints: Checkpoints
    jobs: Jobs
    ambient: Ambient
    decoder: Decoder
    gate: Callable[[], Gate]
    recogniser: Callable[[], Recogniser]
    diariser: Diariser
    writer: Writer
    limits: Limits
    derive: Callable[[ClinicId, str], Awaitable[bytes]]
    """A 32-byte key of a clinic for one purpose."""

    def records_of(self, actor: Actor) -> ClinicRecords:
        """The records of the actor's clinic, on the actor's behalf: what is written leaves audit entries."""
        return self.records.of(actor.clinic_id, by=actor)

    def objects_of(self, actor: Actor) -> ClinicObjects:
        """The objects of the actor's clinic."""
        return self.objects.of(actor.clinic_id)

    async def search_key(self, actor: Actor) -> bytes:
        """What the keyed hashes of the actor's clinic are made with, by which patients are found."""
        return await self.derive(actor.clinic_id, "patient-terms")
