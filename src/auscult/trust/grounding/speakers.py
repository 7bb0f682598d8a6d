"""Who said it: what a patient reports was said by a patient, what is planned and found by the clinician."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auscult.domain.evidence import Flag
from auscult.domain.transcript import Speaker
from auscult.trust.grounding.flags import SPEAKER, flag
from auscult.trust.grounding.sources import Sources

_TOLD = re.compile(
    r"^(?:(?:the|his|her|their)\s+)?(?:[a-z]+\s+){0,2}?(?:reports?|reported|denie[sd]|complain(?:s|ed)|states?|stated|says"
    r"|said|describe[sd]?|mention(?:s|ed)|admits?|endorse[sd]?|feels)\b",
    re.IGNORECASE,
)
_ORDERED = re.compile(
    r"^(?:plan\b|advised\b(?! by)|advice\b|recommend(?:ed)?\b|prescribe[d]?\b|refer(?:red|ral)?\b|arranged?\b"
    r"|order(?:ed)?\b|impression\b|diagnosis\b|on examination\b|assessment\b|start\b|commence\b|increase\b|reduce\b"
    r"|will\b|to (?:start|stop|continue)\b|not thought to be\b)",
    re.IGNORECASE,
)


def other(text: str, sources: Sources) -> Iterator[Flag]:
    """The flag of a sentence that tells of one speaker and rests on turns of the other alone.

    Turns of a speaker that is not known may be anybody's.
    """
    of_patient, of_clinician = _TOLD.match(text) is not None, _ORDERED.match(text) is not None
    by_clinician = sources.speakers == {Speaker.CLINICIAN}
    by_patient = bool(sources.speakers) and sources.speakers <= {Speaker.PATIENT, Speaker.OTHER}
    if (of_patient and by_clinician) or (of_clinician and by_patient):
        yield flag(SPEAKER)
