"""Visits that are typed and not recognised, in a clinic's folder before its server starts: their notes are certain.

A recogniser hears what it likes. Where a page is looked at and not hearing, the sound is there to be played, and the
transcript and the note are those of the words that a test wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from auscult.clinic.makers import Engines
from auscult.domain.ids import NoteId, RecordingId
from auscult.domain.note import Template
from auscult.domain.transcript import Transcript
from auscult.engines.speakers import Voice
from auscult.engines.speech import Region, Samples
from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.flows import notes
from auscult.flows.recording_state import load
from auscult.flows.tables import NOTES, RECORDINGS, TRANSCRIPTS
from auscult.settings import Settings
from auscult.stores.records import Put
from auscult.trust.grounding import check
from tests.support.audio import RATE, Sound, encoded, speech
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.consultations import consultation
from tests.support.scripted_engines import Script, scripted_engines

THREE_PROBLEMS = (
    "C: Good morning. What brings you in today?",
    "P: I am here to go over my blood pressure, my knee hurts, and my mood has been low.",
    "C: How long has the knee been hurting?",
    "P: My right knee has hurt for three weeks, mostly when I climb stairs.",
    "C: And how is your mood?",
    "P: I feel low most days and I sleep badly.",
    "C: Do you have any thoughts of harming yourself?",
    "P: No, never.",
    "C: What medicines do you take?",
    "P: I take amlodipine five milligrams every day.",
    "C: Do you have any allergies?",
    "P: I am allergic to penicillin, it gives me a rash.",
    "C: Your blood pressure today is one fifty eight over ninety four.",
    "P: And the hydrochlorothiazide, so I.",
    "C: On exam your right knee is tender at the joint line, and there is no swelling.",
    "P: Yes, just there.",
    "C: So, for your first problem, high blood pressure, I want to start lisinopril ten milligrams once a day. "
    "I also want to order a basic metabolic panel. Please check your blood pressure at home every morning.",
    "P: All right.",
    "C: For your second problem, right knee pain, I think this is osteoarthritis. Take acetaminophen five hundred "
    "milligrams as needed for pain. I am going to refer you to physical therapy, and I will order an x-ray of the "
    "right knee.",
    "P: That sounds good.",
    "C: For your third problem, low mood, I think you have depression. I want to start sertraline fifty milligrams "
    "once a day. I will refer you to a counselor.",
    "P: Thank you doctor.",
    "C: And the ibuprofen cream for the knee, so.",
    "C: Let's see you again in six weeks.",
)
"""An invented visit: three problems, each with its own orders, a review that is for none, two medicines half said."""


async def typed_visit(here: OpenClinic, *lines: str, template: str = "visit", language: str = "en") -> RecordingId:
    """Have a recording with the note of these lines, as `consultation` reads them, in that language.

    `hi`: what can be said exactly in Hindi is, the rest stays as it was said.
    """
    spoken = consultation(*lines)
    body = {"content_type": "audio/wav", "live": False, "template": template, "consent": {"given_by": "patient"}}
    opened = (await here.client.post("/recordings", json=body)).json()
    sound = encoded(_sound(spoken.turns[-1].end))
    sent = await here.client.put(opened["upload_url"], content=sound, headers={"Content-Type": "audio/wav"})
    assert sent.status_code == 200, sent.text
    recording_id = RecordingId(opened["recording_id"])
    settled = await here.settled(recording_id)
    assert settled["status"] == "ready", settled
    await _typed_over(here, recording_id, NoteId(settled["note_id"]), spoken, template, language)
    return recording_id


async def _typed_over(
    here: OpenClinic, recording_id: RecordingId, note_id: NoteId, spoken: Transcript, template: str, language: str
) -> None:
    services, actor = here.clinic.services, here.clinic.system
    recording = await load(services, actor, recording_id)
    note = await notes.read(services, actor, note_id)
    transcript = spoken.model_copy(
        update={"recording_id": recording_id, "version": recording.value.transcript_version + 1}
    )
    body = await OfflineWriter().write(Request(transcript=transcript, template=template, language=language))
    if language == "en":  # the check reads what is told in English: it would doubt the rest, which is the same note
        body = check(body, transcript)
    body = body.model_copy(update={"template": Template(template)})
    told = {"transcript_version": transcript.version, "demo_quality": False}
    await services.records_of(actor).transact(
        [
            Put(TRANSCRIPTS, transcript, if_version=0),
            Put(RECORDINGS, recording.value.model_copy(update=told), if_version=recording.version),
            Put(NOTES, note.value.model_copy(update={**told, "body": body}), if_version=note.version),
        ]
    )


def _sound(seconds: float) -> Sound:
    """Talk for so long, over and over the same."""
    talk = speech("visit")
    return np.tile(talk, (1, int(seconds * RATE) // talk.shape[1] + 1))[:, : round(seconds * RATE)]


class _Undescribed:
    """Describes no voice: who speaks is typed, and describing minutes of it would take seconds for nothing."""

    def missing(self) -> str | None:
        return None

    def embed(self, samples: Samples, segments: Sequence[Region]) -> list[Voice]:
        return [np.zeros(256, np.float32) for _ in segments]

    def cluster(self, voices: Sequence[Voice], seconds: Sequence[float]) -> list[int]:
        return [0 for _ in voices]


async def typed_visits(folder: Path, *visits: tuple[str, str]) -> list[RecordingId]:
    """In a clinic's data folder, the visit with three problems for each `(template, language)`; their recordings."""

    def engines(chosen: Settings) -> Engines:
        return replace(scripted_engines(chosen, Script()), diariser=_Undescribed())

    async with open_clinic(folder, engines=engines) as here:
        return [
            await typed_visit(here, *THREE_PROBLEMS, template=template, language=language)
            for template, language in visits
        ]
