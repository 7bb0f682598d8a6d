"""A slice that is under way while its recording is filed, closed or discarded goes along, or is not said to be kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError
from auscult.domain.ids import ClinicId, UserId
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows import discard, file, patients, record, slices
from auscult.flows.recording_state import load
from auscult.flows.services import Services
from auscult.stores.objects import ObjectInfo
from tests.flows.conftest import Quiet
from tests.support.clinics import OpenClinic, eventually

ONE, OTHER = os.urandom(3000), os.urandom(3000)


@dataclass(frozen=True)
class Meanwhile:
    """The objects or records of a clinic; something else happens once a slice's bytes have been put."""

    really: Any
    happens: Callable[[], Awaitable[object]]

    def of(self, clinic_id: ClinicId) -> Meanwhile:
        return Meanwhile(self.really.of(clinic_id), self.happens)

    async def put(self, *args: Any, **kwargs: Any) -> ObjectInfo:
        info: ObjectInfo = await self.really.put(*args, **kwargs)
        await self.happens()
        return info

    def __getattr__(self, name: str) -> Any:
        return getattr(self.really, name)


def doctor(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


async def opened(services: Services, actor: Actor) -> Recording:
    return await record.open_recording(
        services, actor, content_type="audio/webm", live=True, consent_given_by="patient"
    )


async def keys(services: Services, actor: Actor, recording: Recording) -> list[str]:
    return [key async for key in services.objects_of(actor).keys(f"slices/{recording.id}/")]


async def sound(services: Services, actor: Actor, recording: Recording) -> list[bytes]:
    objects = services.objects_of(actor)
    return [
        b"".join([piece async for piece in objects.read(slices.slice_object(one))])
        for one in await slices.kept_slices(services, actor, recording.id)
    ]


async def sent_while(
    services: Services, actor: Actor, recording: Recording, happens: Callable[[], Awaitable[object]], seq: int = 0
) -> None:
    """Send a slice; `happens` when its bytes are there and it is not written down yet."""
    once = [happens]

    async def first_time() -> None:
        if once:
            await once.pop()()

    meanwhile: Any = Meanwhile(services.objects, first_time)
    await slices.put_slice(replace(services, objects=meanwhile), actor, recording.id, seq, ONE)


async def test_a_slice_goes_to_the_patient_under_whom_its_recording_was_filed_meanwhile(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        recording = await opened(services, actor)
        patient = await patients.register(services, actor, name="Mere Parata")
        await sent_while(
            services, actor, recording, lambda: file.file_recording(services, actor, recording.id, patient.id)
        )
        (kept,) = await slices.kept_slices(services, actor, recording.id)
        assert kept.patient_id == patient.id
        meta = here.clinic.settings.data / "objects" / actor.clinic_id / f"{slices.slice_object(kept)}!meta"
        assert f'"subject":"{patient.id}"' in meta.read_text()
        assert await sound(services, actor, recording) == [ONE]


async def test_a_new_title_does_not_keep_a_slice_out(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        recording = await opened(services, actor)
        await sent_while(
            services,
            actor,
            recording,
            lambda: record.rename(services, actor, recording.id, title="Knee", language=None),
        )
        assert await sound(services, actor, recording) == [ONE]


async def test_a_slice_of_a_recording_that_was_discarded_meanwhile_leaves_nothing(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        recording = await opened(services, actor)
        with pytest.raises(ConflictError, match="discarded"):
            await sent_while(services, actor, recording, lambda: discard.discard(services, actor, recording.id))
        assert await keys(services, actor, recording) == []
        assert await slices.kept_slices(services, actor, recording.id) == []


async def test_a_slice_that_comes_while_the_recording_is_closed_is_not_said_to_be_kept(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        recording = await opened(services, actor)
        first = await slices.put_slice(services, actor, recording.id, 0, OTHER)
        whole = hashlib.sha256(first.sha256.encode()).hexdigest()
        with pytest.raises(ConflictError, match="closed"):
            await sent_while(
                services, actor, recording, lambda: slices.finalise(services, actor, recording.id, 1, whole), seq=1
            )
        assert await keys(services, actor, recording) == [slices.slice_object(first)]
        assert await sound(services, actor, recording) == [OTHER]


async def test_of_two_that_send_the_same_number_at_once_one_is_kept_and_both_may_be_the_same(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        same, other = await opened(services, actor), await opened(services, actor)
        for recording, second in ((same, ONE), (other, OTHER)):
            ended = await asyncio.gather(
                *(slices.put_slice(services, actor, recording.id, 0, data) for data in (ONE, second)),
                return_exceptions=True,
            )
            (kept,) = await slices.kept_slices(services, actor, recording.id)
            assert await sound(services, actor, recording) in ([ONE], [second])
            assert await keys(services, actor, recording) == [slices.slice_object(kept)]
            refused = [error for error in ended if isinstance(error, ConflictError)]
            assert len(refused) == (0 if second is ONE else 1), ended


async def test_slices_that_come_while_a_recording_is_filed_and_renamed_all_end_where_it_is(quiet: Quiet) -> None:
    """Many at once, on a real database: none is lost, and none stays under another owner's key."""
    async with quiet(work=True) as here:
        services, actor = here.clinic.services, doctor(here)
        recording = await opened(services, actor)
        there = [(await patients.register(services, actor, name=name)).id for name in ("Mere", "Rangi")]
        sending = [asyncio.create_task(slices.put_slice(services, actor, recording.id, seq, ONE)) for seq in range(24)]
        for patient_id in (*there, None, there[0]):
            await file.file_recording(services, actor, recording.id, patient_id)
            await record.rename(services, actor, recording.id, title=f"{patient_id}", language=None)
        await asyncio.gather(*sending)
        folder = here.clinic.settings.data / "objects" / actor.clinic_id

        async def owners() -> set[str]:
            kept = await slices.kept_slices(services, actor, recording.id)
            assert len(kept) == 24
            marks = [(folder / f"{slices.slice_object(one)}!meta").read_text() for one in kept]
            return {f"{one.patient_id}" for one in kept} | {mark.split('"subject":"')[1][:30] for mark in marks}

        await eventually(owners, lambda found: found == {there[0]})


async def test_a_slice_between_the_last_look_and_the_end_is_part_of_an_abandoned_recording(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        recording = await opened(services, actor)
        await slices.put_slice(services, actor, recording.id, 0, ONE)
        looked_at = await slices.kept_slices(services, actor, recording.id)
        await slices.put_slice(services, actor, recording.id, 1, OTHER)
        closed = await slices.close_abandoned(services, actor, recording, looked_at)
        assert (closed.status, closed.slice_count, closed.abandoned) == (RecordingStatus.RECEIVED, 2, True)
        assert closed.size == len(ONE) + len(OTHER)
        assert (await load(services, actor, recording.id)).value == closed
