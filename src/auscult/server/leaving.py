"""Who must be able to sign in, and how, before anybody beyond this machine can reach the server."""

from __future__ import annotations

from auscult.clinic import Clinic
from auscult.domain.errors import InvalidError
from auscult.flows import access


async def may_leave_loopback(clinic: Clinic) -> None:
    """Return when this clinic may take requests from beyond this machine.

    It may when they come over TLS, and when there is somebody who can sign in: by a one-time link, which the clinic's
    first person always can. Raises `InvalidError` otherwise.
    """
    if not clinic.settings.encrypts:
        raise InvalidError(
            "Without TLS the server binds to this machine only.",
            remedy="Leave AUSCULT_HOST at 127.0.0.1; or use --lan, or --tls with a certificate of your own.",
        )
    await access.owner(clinic.services, clinic.clinic_id, clinic.settings.owner_name)
