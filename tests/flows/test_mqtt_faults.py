"""What devices hear when the broker, or the process that tells them, goes away: all of it, some of it twice."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import InvalidError, UnavailableError
from auscult.domain.event import Event
from auscult.domain.ids import ClinicId, UserId
from auscult.flows.recording_state import event
from auscult.stores.events import mqtt
from auscult.stores.events.courier import AGAIN
from auscult.stores.events.holder import HOLD
from auscult.stores.events.mqtt import broker_at
from tests.flows.conftest import Quiet
from tests.support.clinics import OpenClinic
from tests.support.mosquitto import MosquittoServer, Reader, reading
from tests.support.patience import until

CLINIC = ClinicId("CLN_01JN0000AV0000000000000001")
PATIENT = "PAT_01JN0000AV0000000000000009"
UPDATES = f"clinics/{CLINIC}/patients/+/updates"
NURSE = Actor(clinic_id=CLINIC, user_id=UserId("USR_1"), role=Role.NURSE)
on_sqlite = pytest.mark.parametrize("records_backend", ["sqlite"])


def one(here: OpenClinic) -> Event:
    return event(here.clinic.services, NURSE, "note_changed", patient_id=PATIENT)


async def happen(here: OpenClinic, count: int) -> None:
    await here.clinic.services.records.of(CLINIC).transact(events=[one(here) for _ in range(count)])


def times(reader: Reader) -> Counter[int]:
    return Counter(body["seq"] for body in reader.bodies("/updates"))


async def all_heard(reader: Reader, last: int, seconds: float = 40) -> None:
    await until(
        lambda: set(times(reader)) == set(range(1, last + 1)),
        seconds=seconds,
        what=f"{sorted(set(range(1, last + 1)) - set(times(reader)))[:20]} are missing",
    )


@on_sqlite
async def test_a_broker_that_is_killed_in_mid_stream_again_and_again_loses_nothing(
    quiet: Quiet, mosquitto: MosquittoServer
) -> None:
    mosquitto.allow(f"user desk\ntopic read {UPDATES}")
    desk = mosquitto.authority.issue_client("desk")
    async with (
        quiet(clinic_id=CLINIC, **mosquitto.settings(CLINIC)) as here,
        reading(mosquitto, desk, UPDATES) as reader,
    ):
        total = 0
        for killed in range(2):
            for _ in range(15):
                await happen(here, 10)
                total += 10
            await until(lambda total=total: len(times(reader)) >= total - 100)  # some are on their way
            await asyncio.to_thread(mosquitto.kill)
            await happen(here, 10)  # while it is away
            total += 10
            await asyncio.to_thread(mosquitto.start)
            await until(lambda before=killed: reader.connections > before + 1)
        await all_heard(reader, total)
        assert max(times(reader).values()) <= 8, "each break sends a bounded number again"


@on_sqlite
async def test_what_a_broker_had_acknowledged_and_forgot_is_sent_again(
    quiet: Quiet, mosquitto: MosquittoServer
) -> None:
    """Here it forgets everything: its file of what it keeps is lost with it, and nothing happens afterwards."""
    mosquitto.allow(f"user desk\ntopic read {UPDATES}")
    desk = mosquitto.authority.issue_client("desk")
    async with (
        quiet(clinic_id=CLINIC, **mosquitto.settings(CLINIC)) as here,
        reading(mosquitto, desk, UPDATES) as reader,
    ):
        await happen(here, 5)
        await all_heard(reader, 5)
        await asyncio.to_thread(mosquitto.kill)
        (mosquitto.home / "mosquitto.db").unlink()
        reader.got.clear()
        await asyncio.to_thread(mosquitto.start)
        await all_heard(reader, 5)


@pytest.mark.full
async def test_a_device_that_was_away_hears_what_it_missed(quiet: Quiet, mosquitto: MosquittoServer) -> None:
    mosquitto.allow(f"user desk\ntopic read {UPDATES}")
    desk = mosquitto.authority.issue_client("desk")
    async with quiet(clinic_id=CLINIC, **mosquitto.settings(CLINIC)) as here:
        async with reading(mosquitto, desk, UPDATES):
            pass
        await happen(here, 3)
        async with reading(mosquitto, desk, UPDATES) as reader:
            await all_heard(reader, 3)


@on_sqlite
async def test_what_happened_before_a_restart_of_ours_is_told_after_it(
    quiet: Quiet, mosquitto: MosquittoServer
) -> None:
    """The broker is away all the while, and nothing waits for it: not the work, and not the end of the process."""
    mosquitto.allow(f"user desk\ntopic read {UPDATES}")
    desk, settings = mosquitto.authority.issue_client("desk"), mosquitto.settings(CLINIC)
    async with reading(mosquitto, desk, UPDATES) as reader:
        async with quiet(clinic_id=CLINIC, **settings) as here:
            await happen(here, 1)
            await all_heard(reader, 1)
            await asyncio.to_thread(mosquitto.kill)
            await happen(here, 4)
        await asyncio.to_thread(mosquitto.start)
        async with quiet(clinic_id=CLINIC, **settings) as here:
            await all_heard(reader, 5)


async def test_of_two_processes_one_tells_and_the_other_takes_over_when_it_ends(
    quiet: Quiet, mosquitto: MosquittoServer
) -> None:
    mosquitto.allow(f"user desk\ntopic read {UPDATES}")
    desk, settings = mosquitto.authority.issue_client("desk"), mosquitto.settings(CLINIC)
    async with (
        reading(mosquitto, desk, UPDATES) as reader,
        quiet(clinic_id=CLINIC, **settings) as second,
    ):
        async with quiet(clinic_id=CLINIC, **settings) as first:
            for _ in range(10):
                await happen(first, 1)
                await happen(second, 1)
            await all_heard(reader, 20)
            assert set(times(reader).values()) == {1}
        await happen(second, 1)
        await all_heard(reader, 21)
        assert set(times(reader).values()) == {1}, "who ends in order leaves nothing in doubt"


def test_a_process_that_dies_is_followed_soon_and_what_is_sent_again_is_bounded() -> None:
    assert HOLD.total_seconds() <= 30
    assert AGAIN <= 200


# What an operator is told


@on_sqlite
async def test_check_says_that_the_broker_takes_what_is_published(quiet: Quiet, mosquitto: MosquittoServer) -> None:
    async with quiet(clinic_id=CLINIC) as here:
        assert await here.clinic.devices() is None
    async with quiet(clinic_id=CLINIC, **mosquitto.settings(CLINIC)) as here:
        report = await here.clinic.devices()
        assert report is not None
        assert (report.bound, report.missing) == ("MQTT", None)


@on_sqlite
async def test_check_says_what_stands_between_us_and_the_broker(
    quiet: Quiet, mosquitto: MosquittoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that the rules do not know may connect, and what it publishes is dropped without a word."""
    monkeypatch.setattr(mqtt, "READ_BACK_SECONDS", 0.5)
    missing = mosquitto.home / "nowhere.pem"
    for change, said in (
        (mosquitto.settings("not-the-clinic"), "does not pass on what we publish"),
        ({**mosquitto.settings(CLINIC), "mqtt_ca": missing}, str(missing)),
        ({**mosquitto.settings(CLINIC), "mqtt_url": "mqtts://127.0.0.1:9"}, "cannot be reached"),
    ):
        async with quiet(clinic_id=CLINIC, **change) as here:
            report = await here.clinic.devices()
            assert report is not None
            assert report.missing is not None
            assert said in report.missing


@on_sqlite
async def test_what_the_rules_of_the_broker_dropped_counts_as_not_told(
    quiet: Quiet, mosquitto: MosquittoServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(mqtt, "READ_BACK_SECONDS", 0.5)
    mosquitto.allow(f"user desk\ntopic read {UPDATES}")
    desk, settings = mosquitto.authority.issue_client("desk"), mosquitto.settings("a-new-name")
    async with reading(mosquitto, desk, UPDATES) as reader, quiet(clinic_id=CLINIC, **settings) as here:
        await happen(here, 3)
        await until(lambda: "were not delivered to mqtt" in caplog.text)
        assert reader.got == []
        mosquitto.allow(f"user a-new-name\ntopic readwrite clinics/{CLINIC}/#")
        await all_heard(reader, 3)


@pytest.mark.parametrize(
    "url",
    [
        "http://broker",
        "mqtts://",
        "mqtts://broker:port",
        "mqtts://me:secret@broker",
        "mqtts://broker/a",
        "broker",
        "mqtt://10.0.0.8",
    ],
)
def test_an_address_that_is_none_or_that_would_send_in_clear_over_a_network_is_refused(url: str) -> None:
    with pytest.raises(InvalidError) as refused:
        broker_at(url)
    assert "secret" not in str(refused.value)


def test_a_certificate_without_its_key_is_refused(mosquitto: MosquittoServer) -> None:
    with pytest.raises(InvalidError):
        broker_at(mosquitto.url, cert=mosquitto.authority.ca)
    broken = broker_at(
        mosquitto.url, ca=mosquitto.authority.ca, cert=mosquitto.authority.ca, key=mosquitto.authority.ca
    )
    with pytest.raises(UnavailableError):
        broken.context()
