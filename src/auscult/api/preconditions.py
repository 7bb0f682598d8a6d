"""If-Match: from which version somebody changes something (RFC 9110, section 13.1.1)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from auscult.api.refusals import PreconditionRequiredError
from auscult.domain.errors import InvalidError


async def patient_version(
    if_match: Annotated[
        str | None, Header(description="The `etag` of the patient as last read. Required: without it, 428.")
    ] = None,
) -> int:
    """The version of a patient that a change was made from.

    Raises `PreconditionRequiredError` without one: whoever does not say what they read would overwrite what they did
    not see. `InvalidError` for a tag that is none of ours, `*` among them.
    """
    if if_match is None:
        raise PreconditionRequiredError("A patient is changed from the version that was read.")
    found = re.fullmatch(r'(?:W/)?"(\d{1,9})"', if_match.strip())
    if found is None:
        raise InvalidError("If-Match does not hold one of our tags.", remedy="Send the etag as it was given.")
    return int(found[1])


PatientVersion = Annotated[int, Depends(patient_version)]
