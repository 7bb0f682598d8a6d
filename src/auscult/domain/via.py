"""By which way somebody came to act: from where, with which credential, through which door, and why.

A door fills it in once for each request; the audit trail (`auscult.domain.audit`) is written from it. Ids, addresses
and route templates only: nothing that a caller typed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """Why it is done: codes of HL7's PurposeOfUse, as FHIR's AuditEvent asks for.

    https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html
    """

    TREATMENT = "TREAT"
    OPERATIONS = "HOPERAT"
    BREAK_GLASS = "BTG"
    PATIENT_REQUEST = "PATRQT"
    ADMINISTRATION = "HSYSADMIN"


MOST_OPENED: Final = 256
"""How many things one entry names; a longer list says how many more there were."""


@dataclass(slots=True)
class Trace:
    """What one request touched so far: the one thing about a caller that grows while it is answered."""

    opened: dict[tuple[str, str], None] = field(default_factory=dict)
    """Type and id of what was opened, patients among them, in the order of the first time."""
    more: int = 0
    """How often something was opened after `MOST_OPENED` were."""
    wrote: bool = False
    """Whether a transaction of this request was committed."""

    grant: str = ""
    """The first break-glass grant by which something was opened; empty when there was no need of one."""

    def saw(self, kind: str, identifier: str) -> None:
        """Remember that this was opened."""
        if (kind, identifier) in self.opened:
            return
        if len(self.opened) < MOST_OPENED:
            self.opened[kind, identifier] = None
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class Via:
    """The way of one request. Two of the same way are equal, whatever they touched."""

    address: str = ""
    """The caller's IP address, or `local` for the command line; empty when unknown."""
    request_id: str = ""
    credential: str = ""
    """A short reference of the session (never the token) or the id of the key."""
    act: str = ""
    """Method and route template: `GET /notes/{note_id}`."""
    purpose: Purpose | None = None
    """None: what is usual for the actor's role."""
    reason_id: str = ""
    """Where the reason that was given is kept (a break-glass grant). Its words may name a patient, so not here."""
    trace: Trace = field(default_factory=Trace, compare=False, repr=False)
