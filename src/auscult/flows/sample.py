"""The bundled consultation: started once, and compared with its script to show what this machine hears."""

from __future__ import annotations

from collections.abc import AsyncIterator

from auscult.domain.actor import Actor
from auscult.domain.errors import NotFoundError
from auscult.domain.ids import RecordingId
from auscult.domain.model import Value
from auscult.domain.note import NoteBody
from auscult.domain.recording import Recording, RecordingStatus
from auscult.domain.transcript import Transcript, Turn
from auscult.engines.writer import Request
from auscult.evaluation.word_error import compare
from auscult.flows import record
from auscult.flows.recording_state import all_rows, load
from auscult.flows.services import Services
from auscult.flows.tables import ALL, RECORDINGS
from auscult.flows.transcripts import transcript_of
from auscult.knowledge import sample
from auscult.trust.grounding import check


class Comparison(Value):
    """How much of the script was heard, and the note that the script itself gives."""

    word_error_rate: float
    heard_words: int
    script_words: int
    script: tuple[Turn, ...]
    script_note: NoteBody


async def find(services: Services, actor: Actor) -> Recording | None:
    """The sample recording, if it was started and not discarded."""
    made = await all_rows(services.records_of(actor), RECORDINGS, ALL, "sample")
    return next((one for one in made if one.status is not RecordingStatus.DISCARDED), None)


async def was_thrown_away(services: Services, actor: Actor) -> bool:
    """Whether there was a sample and somebody discarded it: then only a person starts it again."""
    made = await all_rows(services.records_of(actor), RECORDINGS, ALL, "sample")
    return bool(made) and all(one.status is RecordingStatus.DISCARDED for one in made)


async def start(services: Services, actor: Actor) -> Recording:
    """Make the sample recording and start the work on it; one that is there already is returned as it is."""
    existing = await find(services, actor)
    if existing is not None and not existing.awaits_sound:
        return existing
    recording = existing or await record.open_recording(
        services,
        actor,
        content_type=sample.CONTENT_TYPE,
        live=False,
        language="en",
        title=sample.title(),
        consent_given_by="sample",
        sample=True,
    )
    recording = await record.adopt_upload(services, actor, recording)
    if not recording.awaits_sound:
        return recording

    async def data() -> AsyncIterator[bytes]:
        yield sample.audio()

    return await record.store_upload(
        services,
        actor,
        recording.upload_key,
        data(),
        content_type=recording.content_type,
        max_bytes=services.limits.upload_bytes,
    )


async def comparison(services: Services, actor: Actor, recording_id: RecordingId) -> Comparison:
    """Compare what was heard with the script. Raises `NotFoundError` for any recording but the sample."""
    recording = (await load(services, actor, recording_id)).value
    if not recording.sample:
        raise NotFoundError("Only the bundled consultation has a script.")
    heard = await transcript_of(services, actor, recording_id)
    script = sample.turns()
    errors = compare(sample.spoken_text(), " ".join(turn.text for turn in heard.turns))
    spoken = Transcript(
        recording_id=recording_id,
        version=1,
        turns=script,
        engine=sample.SCRIPT_ENGINE,
        language="en",
        created_at=recording.created_at,
    )
    body = check(await services.writer.write(Request(transcript=spoken, template=recording.template)), spoken)
    return Comparison(
        word_error_rate=errors.rate,
        heard_words=errors.hypothesis_words,
        script_words=errors.reference_words,
        script=script,
        script_note=body,
    )
