"""A live recording, filled slice by slice: each is kept as it comes, in any order, until the recording is closed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError, InvalidError, NotFoundError, TooLargeError
from auscult.domain.ids import RecordingId
from auscult.domain.recording import Failure, Recording, RecordingStatus, Slice
from auscult.flows import waiting
from auscult.flows.record import received
from auscult.flows.recording_state import all_rows, load
from auscult.flows.services import Services
from auscult.flows.tables import RECORDINGS, SLICES, recording_key, slice_key, subject_of
from auscult.stores.records import Expect, Put, Stored

MAX_SLICES: Final = 100_000
"""More than 24 h of one-second slices: beyond it a sequence number is a mistake."""
_TRIES: Final = 20
"""How often a slice is written down again when its recording changed meanwhile: more means a fault, not contention."""


async def put_slice(
    services: Services, actor: Actor, recording_id: RecordingId, seq: int, data: bytes, *, sha256: str | None = None
) -> Slice:
    """Keep one slice of a live recording. The same slice again is fine, in any order.

    Raises `InvalidError` (hash or number wrong), `TooLargeError`, and `ConflictError` for other bytes under a number
    that is taken, or after finalise.
    """
    if not 0 <= seq < MAX_SLICES:
        raise InvalidError("The slice number is out of range.")
    if len(data) > services.limits.slice_bytes:
        raise TooLargeError("The slice is larger than allowed.", remedy="Send slices of about one second.")
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and sha256.lower() != digest:
        raise InvalidError("The slice does not match its hash.", remedy="Send the slice again.")
    stored = await load(services, actor, recording_id)
    known = await services.records_of(actor).table(SLICES).get(slice_key(recording_id, seq))
    if known is not None:
        return _same_slice(known.value, digest)
    stored = await _open_for_slices(services, actor, stored)
    recording = stored.value
    kept = Slice(
        recording_id=recording_id,
        patient_id=recording.patient_id,
        seq=seq,
        size=len(data),
        sha256=digest,
        kept_at=services.ambient.now(),
    )
    await services.objects_of(actor).put(
        slice_object(kept),
        _once(data),
        content_type=recording.content_type,
        subject=subject_of(recording.patient_id),
        max_bytes=services.limits.slice_bytes,
        overwrite=True,
    )
    return await _entered(services, actor, stored, kept)


async def _open_for_slices(services: Services, actor: Actor, stored: Stored[Recording]) -> Stored[Recording]:
    """The recording while it takes slices, taken up again where it had ended for want of them."""
    recording = stored.value
    if not recording.live:
        raise ConflictError("This recording takes one upload, not slices.")
    if recording.status is RecordingStatus.OPEN:
        return stored
    await waiting.take_up_again(services, actor, recording.id)
    return await _open_for_slices(services, actor, await load(services, actor, recording.id))


async def _entered(services: Services, actor: Actor, stored: Stored[Recording], kept: Slice) -> Slice:
    """Write down a slice whose bytes are there, while its recording is as `stored` is: open, and filed where it was.

    So whoever closes, files or discards a recording finds every slice that was ever said to be kept, and none comes
    after. When it changed meanwhile, the slice goes where the recording has gone, or is not kept.
    """
    records, objects, key = services.records_of(actor), services.objects_of(actor), slice_object(kept)
    for _ in range(_TRIES):
        unchanged = Expect(RECORDINGS, recording_key(kept.recording_id), stored.version)
        with suppress(ConflictError):
            await records.transact([unchanged, Put(SLICES, kept, if_version=0)])
            return kept
        refused = None
        try:
            stored = await _open_for_slices(services, actor, await load(services, actor, kept.recording_id))
        except ConflictError as error:
            stored, refused = await load(services, actor, kept.recording_id), error
        # looked for after that: once a recording takes no more slices, nobody adds this one
        winner = await records.table(SLICES).get(slice_key(kept.recording_id, kept.seq))
        if winner is not None and winner.value.sha256 == kept.sha256:
            return winner.value
        if winner is not None or not stored.value.awaits_sound:
            await objects.delete(key)
        if winner is not None or refused is not None:
            raise refused or _number_taken()
        if stored.value.patient_id != kept.patient_id:
            kept = kept.model_copy(update={"patient_id": stored.value.patient_id})
            with suppress(NotFoundError):  # discarded since, which the next attempt finds out
                await objects.refile(key, subject_of(kept.patient_id))
    raise ConflictError("The recording is being changed too often at the same time.")


async def kept_slices(services: Services, actor: Actor, recording_id: RecordingId) -> list[Slice]:
    """The slices that are safely kept, in order."""
    await load(services, actor, recording_id)
    return await all_rows(services.records_of(actor), SLICES, recording_id)


async def finalise(services: Services, actor: Actor, recording_id: RecordingId, count: int, sha256: str) -> Recording:
    """Close a live recording and start the work, once all `count` slices are here.

    `sha256` is the SHA-256 of the slices' hex digests, concatenated in order. Twice with the same values is the same
    answer. Raises `ConflictError` naming the missing slices, or when it was finalised otherwise; `InvalidError` when
    the hash does not match.
    """
    recording = (await load(services, actor, recording_id)).value
    if recording.status is RecordingStatus.DISCARDED:
        raise ConflictError("The recording was discarded.", remedy="Start a new recording.")
    if not recording.live:
        raise ConflictError("This recording takes one upload, not slices.")
    if not recording.awaits_sound:
        return _same_finalise(recording, sha256)
    if not 0 < count <= MAX_SLICES:
        raise InvalidError("The slice count is out of range.")
    kept = await kept_slices(services, actor, recording_id)
    have = {one.seq for one in kept}
    missing = [seq for seq in range(count) if seq not in have]
    if missing or len(have) > count:
        raise ConflictError(
            "Not all slices are here." if missing else "There are more slices than the count says.",
            remedy="Send the missing slices, then finalise again.",
            extras={"missing": missing[:1000]},
        )
    if sequence_hash(kept) != sha256.lower():
        raise InvalidError("The slices do not match the hash.", remedy="Compare the slices' hashes and send again.")
    size = sum(one.size for one in kept)
    if size > services.limits.upload_bytes:
        raise TooLargeError("The recording is larger than allowed.")
    try:
        return await received(services, actor, recording, size=size, sha256=sha256.lower(), slice_count=count)
    except ConflictError:
        return _same_finalise((await load(services, actor, recording_id)).value, sha256)


async def close_abandoned(services: Services, actor: Actor, recording: Recording, kept: list[Slice]) -> Recording:
    """Close a live recording whose device is lost with the slices that were `kept`, and start the work on them.

    Where that cannot be (no sound, no beginning, no consent, too much) it ends and says so; what was kept stays, and
    what still comes takes it up again.
    """
    failure = waiting.lacking(recording, kept)
    size = sum(one.size for one in kept)
    if failure is None and size > services.limits.upload_bytes:
        failure = Failure.of(TooLargeError("The recording is larger than allowed."))
    if failure is not None:
        return await waiting.end(services, actor, recording.id, failure)
    try:
        closed = await _closed_with(services, actor, recording, kept)
        # a slice that came between the look at them and the end; none comes any more
        kept_after_all = await kept_slices(services, actor, recording.id)
        if len(kept_after_all) > len(kept):
            return await _closed_with(services, actor, closed, kept_after_all)
    except ConflictError:
        return (await load(services, actor, recording.id)).value
    return closed


async def _closed_with(services: Services, actor: Actor, recording: Recording, kept: list[Slice]) -> Recording:
    size = sum(one.size for one in kept)
    hashed, count = sequence_hash(kept), kept[-1].seq + 1
    return await received(services, actor, recording, size=size, sha256=hashed, slice_count=count, abandoned=True)


def sequence_hash(kept: list[Slice]) -> str:
    """SHA-256 over the slices' hex digests in order: what `finalise` compares."""
    return hashlib.sha256("".join(one.sha256 for one in kept).encode()).hexdigest()


def slice_object(kept: Slice) -> str:
    """The object key of a slice. It holds the digest, so that other bytes can never take its place."""
    return f"slices/{kept.recording_id}/{kept.seq:08d}-{kept.sha256[:16]}"


def _same_slice(known: Slice, digest: str) -> Slice:
    if known.sha256 != digest:
        raise _number_taken()
    return known


def _number_taken() -> ConflictError:
    return ConflictError("Another slice was stored under this number.", remedy="Use the next free number.")


def _same_finalise(recording: Recording, sha256: str) -> Recording:
    if recording.sha256 != sha256.lower():
        if recording.abandoned or recording.finalised_at is None:
            raise waiting.closed(recording)
        raise ConflictError("The recording was finalised with other slices.")
    return recording


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
