"""What a device is told: a topic and a small body of ids and numbers."""

from __future__ import annotations

from pydantic import Field

from auscult.domain.ids import ClinicId
from auscult.domain.model import Value


class DeviceMessage(Value):
    """One message to whoever reads its topic.

    `path` is the topic without what stands before it for the clinic: `patients/PAT_…/soap_ready`. `body` holds ids,
    numbers and times, and a patient's name only where the deployment allows it.
    """

    clinic_id: ClinicId
    path: str = Field(pattern=r"^[A-Za-z0-9_]+(/[A-Za-z0-9_]+)+$")
    """Words of letters, digits and underscores: nothing in it is a wildcard or another level."""
    body: dict[str, str | int | float | None]
