"""The step that tells the speakers apart: from the parts that were heard to one transcript with roles."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from auscult.domain.actor import Actor
from auscult.domain.errors import EngineFailedError
from auscult.domain.model import Value
from auscult.domain.recording import Recording
from auscult.domain.transcript import Transcript
from auscult.engines.speakers.roles import guess
from auscult.engines.speakers.turns import build_turns
from auscult.flows.listening import Decoded
from auscult.flows.services import Services
from auscult.flows.sound import PartHeard
from auscult.flows.steps import Steps
from auscult.flows.tables import TRANSCRIPTS, transcript_key
from auscult.stores.records import Put


class SpeakersTold(Value):
    """The version of the transcript in which the speakers are told apart."""

    transcript_version: int


async def tell_speakers(
    services: Services, actor: Actor, steps: Steps, decoded: Decoded, parts: Sequence[PartHeard]
) -> Transcript | None:
    """The transcript of all `parts`, with its speakers; None when no words were heard at all.

    Raises `CancelledError` when this run is no longer wanted, `EngineFailedError` when the transcript got lost.
    """
    recording = await steps.begin("speakers")
    if not any(one.text.strip() for part in parts for one in part.heard):
        return None
    built: list[Transcript] = []

    async def produce(current: Recording) -> SpeakersTold:
        transcript = await asyncio.to_thread(_transcript, services, current, decoded, parts)
        built.append(transcript)
        return SpeakersTold(transcript_version=transcript.version)

    told = await steps.once(
        "speakers",
        SpeakersTold,
        produce,
        writes=lambda current, _told: [
            Put(TRANSCRIPTS, built[0].model_copy(update={"patient_id": current.patient_id}))
        ],
        update=lambda current, told: current.model_copy(
            update={
                "transcript_version": told.transcript_version,
                "demo_quality": built[0].engine.demo_quality,
            }
        ),
    )
    newest = max(told.transcript_version, recording.transcript_version)
    stored = await services.records_of(actor).table(TRANSCRIPTS).get(transcript_key(recording.id, newest))
    if stored is None:
        raise EngineFailedError("The transcript is not there.")
    return stored.value


def _transcript(services: Services, recording: Recording, decoded: Decoded, parts: Sequence[PartHeard]) -> Transcript:
    heard = [one for part in parts for one in part.heard]
    if decoded.two_voices:
        labels = [part.channel for part in parts for _ in part.heard]
    else:
        voices = [np.asarray(voice, dtype=np.float32) for part in parts for voice in part.voices]
        labels = services.diariser.cluster(voices, [one.end - one.start for one in heard])
    roles = guess([(label, one.text) for label, one in zip(labels, heard, strict=True)])
    turns = build_turns(heard, labels, roles.speakers)
    problems = []
    if decoded.truncated:
        problems.append(f"The recording breaks off after {decoded.duration:.0f} s; what was captured is used.")
    if recording.abandoned:
        problems.append("Its device was not heard of again; what had arrived is used, and its end may be missing.")
    if roles.unsure:
        problems.append("It is not certain who of the two is the clinician; swap the speakers if they are wrong.")
    if sum(part.removed_loops for part in parts):
        problems.append("The recogniser repeated itself in places; the repetitions were removed.")
    languages = [turn.language for turn in turns]
    return Transcript(
        recording_id=recording.id,
        patient_id=recording.patient_id,
        version=recording.transcript_version + 1,
        turns=turns,
        engine=parts[0].engine,
        language=max(set(languages), key=languages.count) if languages else "en",
        created_at=services.ambient.now(),
        problems=tuple(problems),
    )
