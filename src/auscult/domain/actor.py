"""On whose behalf something is done. Every flow takes one."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import Field, InstanceOf

from auscult.domain.ids import ClinicId, UserId
from auscult.domain.model import Value
from auscult.domain.via import Via


class Role(StrEnum):
    """What a caller is to the clinic. Each route declares which of these may call it."""

    NURSE = "nurse"
    DOCTOR = "doctor"
    ADMIN = "admin"
    DEVICE = "device"
    INTEGRATION = "integration"
    DISPLAY = "display"
    PATIENT = "patient"
    SYSTEM = "system"
    """The clinic's own scheduled work and resumed jobs; never a caller from outside."""


WHOLE_CLINIC: Final = frozenset({Role.NURSE, Role.DOCTOR, Role.ADMIN, Role.SYSTEM})
"""Who may see what others in the clinic made. For a device or another system only what it made itself is there."""


class Actor(Value):
    """Who acts, for which clinic, in which role. There is no act without one."""

    clinic_id: ClinicId
    user_id: UserId
    role: Role
    name: str = ""
    """How the clinic knows this user; shown on consents, edits and signatures."""
    administers: bool = False
    """Whether they also do what an admin does, beside their role."""
    via: InstanceOf[Via] | None = Field(default=None, exclude=True, repr=False)
    """By which way the actor came, for the audit trail; None for work of the clinic's own. It is kept nowhere else."""

    @property
    def sees_whole_clinic(self) -> bool:
        """Whether what others in the clinic made exists for the actor."""
        return self.role in WHOLE_CLINIC

    def may_see(self, created_by: UserId) -> bool:
        """Whether something that this user made exists for the actor.

        The one rule of who sees which recording; what each role may do with it, the doors declare.
        """
        return self.sees_whole_clinic or created_by == self.user_id


def system_actor(clinic_id: ClinicId) -> Actor:
    """The clinic itself, for scheduled jobs and resumed work."""
    return Actor(clinic_id=clinic_id, user_id=UserId("system"), role=Role.SYSTEM, name="Auscult")
