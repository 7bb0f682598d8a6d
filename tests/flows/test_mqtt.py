"""What devices hear over a real Mosquitto with its deployed rules: what they may, all of it, and nothing else."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import subprocess
from contextlib import suppress

import aiomqtt
import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.ids import ClinicId, UserId
from auscult.domain.patient import Patient
from auscult.domain.queue import QueueEntry
from auscult.flows import device_topics, patients, queue
from auscult.flows.device_topics import TOPICS
from auscult.flows.recording_state import event
from tests.flows.conftest import Quiet, erase
from tests.support.canary import PHRASE, Canary
from tests.support.certificates import Authority, Certificate
from tests.support.clinics import OpenClinic
from tests.support.mosquitto import CONFIGURATION, MosquittoServer, Reader, reading
from tests.support.patience import until

CLINIC = ClinicId("CLN_01JN0000AV0000000000000001")
OTHER = ClinicId("CLN_01JN0000AV0000000000000002")
NOTE = "NOTE_01JN0000AV0000000000000009"
on_sqlite = pytest.mark.parametrize("records_backend", ["sqlite"])


def person(role: Role = Role.NURSE) -> Actor:
    return Actor(clinic_id=CLINIC, user_id=UserId("USR_1"), role=role, name="Mere")


async def registered(here: OpenClinic, name: str = "Ana Silva") -> Patient:
    return await patients.register(here.clinic.services, person(), name=name)


async def happened(here: OpenClinic, name: str, **ids: str | int) -> None:
    told = event(here.clinic.services, person(), name, **ids)
    await here.clinic.services.records.of(CLINIC).transact(events=[told])


async def heard(reader: Reader, *names: str) -> None:
    """Wait until the reader has been told of these events of patients, in this order."""

    def told() -> list[str]:
        return [body["event"] for body in reader.bodies("/updates")]

    await until(lambda: told() == list(names), what=f"{names} in {reader.got}")


@on_sqlite
async def test_a_device_hears_of_a_visit_what_the_contract_says(quiet: Quiet, mosquitto: MosquittoServer) -> None:
    mosquitto.allow(f"user desk\ntopic read clinics/{CLINIC}/#")
    desk = mosquitto.authority.issue_client("desk")
    async with (
        quiet(clinic_id=CLINIC, **mosquitto.settings(CLINIC)) as here,
        reading(mosquitto, desk, f"clinics/{CLINIC}/patients/+/+", f"clinics/{CLINIC}/queue/+/status") as reader,
    ):
        patient = await registered(here)
        joined = await queue.join(here.clinic.services, person(), patient.id)
        await happened(here, "soap_ready", patient_id=patient.id, note_id=NOTE)
        await happened(here, "history_updated", patient_id=patient.id, medication_count=3)
        await heard(reader, "registered", "queue_status", "soap_note_ready", "history_updated")
    base = f"clinics/{CLINIC}/patients/{patient.id}"
    found = {topic: body for topic, body in reader.got if not topic.endswith("/updates")}
    stamps = [body.pop("timestamp") for body in found.values() if "timestamp" in body]
    assert all(stamp.endswith("Z") for stamp in stamps)
    assert found == {
        f"{base}/registered": {"patient_id": patient.id, "seq": 1},
        f"clinics/{CLINIC}/queue/{joined.entry.id}/status": {
            "position": 1,
            "estimated_wait": math.ceil(joined.wait),
            "status": "waiting",
            "seq": 2,
        },
        f"{base}/soap_ready": {"patient_id": patient.id, "note_id": NOTE, "seq": 3},
        f"{base}/history_updated": {"patient_id": patient.id, "medication_count": 3, "seq": 4},
    }
    topics = {
        topic.replace(patient.id, "{patient_id}").replace(joined.entry.id, "{entry_id}") for topic, _ in reader.got
    }
    assert topics == {f"clinics/{CLINIC}/{topic}" for topic in TOPICS}
    assert [(body["patient_id"], body["seq"]) for body in reader.bodies("/updates")] == [
        (patient.id, seq) for seq in (1, 2, 3, 4)
    ]


@on_sqlite
async def test_who_waits_hears_that_they_moved_up_and_who_is_called_that_they_are(
    quiet: Quiet, mosquitto: MosquittoServer
) -> None:
    mosquitto.allow(f"user desk\ntopic read clinics/{CLINIC}/queue/+/status")
    desk = mosquitto.authority.issue_client("desk")
    async with (
        quiet(clinic_id=CLINIC, **mosquitto.settings(CLINIC)) as here,
        reading(mosquitto, desk, f"clinics/{CLINIC}/queue/+/status") as reader,
    ):
        services = here.clinic.services
        entries = [
            (await queue.join(services, person(), (await registered(here, f"Ana {n}")).id)).entry.id for n in range(3)
        ]
        await heard_queue(reader, entries, [1, 2, 3])
        await queue.call(services, person(Role.DOCTOR))
        await heard_queue(reader, entries, [None, 1, 2])
        await queue.cancel(services, person(), entries[1])
        await heard_queue(reader, entries, [None, None, 1])
        # After a break the same is told again: a reader that goes by `seq` is where the queue is.
        await asyncio.to_thread(mosquitto.kill)
        await asyncio.to_thread(mosquitto.start)
        await queue.call(services, person(Role.DOCTOR))
        await heard_queue(reader, entries, [None, None, None])
        told = [(topic, body["seq"]) for topic, body in reader.got]
        assert len(set(told)) < len(told)
        assert newest(reader, entries[2])["status"] == "called"
        assert newest(reader, entries[0])["status"] == "called"
        assert newest(reader, entries[1])["status"] == "cancelled"


def newest(reader: Reader, entry_id: str) -> dict[str, object]:
    bodies = reader.bodies(f"queue/{entry_id}/status")
    return max(bodies, key=lambda body: body["seq"]) if bodies else {}


async def heard_queue(reader: Reader, entries: list[str], positions: list[int | None]) -> None:
    await until(
        lambda: [newest(reader, entry).get("position", 0) for entry in entries] == positions,
        what=f"{positions} in {reader.got}",
    )


@on_sqlite
async def test_of_a_long_queue_those_at_its_head_are_told_that_they_moved(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of the others only the one whose own entry changed, with the exact place."""
    monkeypatch.setattr(device_topics, "TOLD_WAITING", 3)
    async with quiet(clinic_id=CLINIC) as here:
        services = here.clinic.services
        entries = [
            (await queue.join(services, person(), (await registered(here, f"Ana {n}")).id)).entry for n in range(6)
        ]
        wording = device_topics.DeviceTopics(services, names=False)

        async def told(entry: QueueEntry) -> dict[str, object]:
            moved = event(services, person(), "queue_status", entry_id=entry.id, status="waiting")
            return {one.path.split("/")[1]: one.body["position"] for one in await wording.messages([moved])}

        assert await told(entries[5]) == {entries[5].id: 6, **{entries[n].id: n + 1 for n in range(3)}}
        assert await told(entries[5]) == {entries[5].id: 6}, "nobody else moved"
        await queue.cancel(services, person(), entries[1].id)
        assert await told(entries[1]) == {entries[1].id: None, entries[2].id: 2, entries[3].id: 3}
        wording.forget()
        assert await told(entries[5]) == {entries[5].id: 5, entries[0].id: 1, entries[2].id: 2, entries[3].id: 3}


@on_sqlite
async def test_a_patient_whose_key_is_destroyed_stops_nothing(quiet: Quiet, mosquitto: MosquittoServer) -> None:
    mosquitto.allow(f"user desk\ntopic read clinics/{CLINIC}/#")
    desk = mosquitto.authority.issue_client("desk")
    async with quiet(clinic_id=CLINIC) as here:  # without a broker yet
        patient = await registered(here)
        entry = (await queue.join(here.clinic.services, person(), patient.id)).entry
        await erase(here, patient.id)
    async with (
        quiet(clinic_id=CLINIC, mqtt_names=True, **mosquitto.settings(CLINIC)) as here,
        reading(mosquitto, desk, f"clinics/{CLINIC}/#") as reader,
    ):
        await happened(here, "registered", patient_id=patient.id)
        await happened(here, "queue_status", patient_id=patient.id, entry_id=entry.id, status="cancelled")
        await heard(reader, "registered", "queue_status")
        await until(lambda: bool(newest(reader, entry.id)))
        assert newest(reader, entry.id)["status"] == "cancelled"
        assert [sorted(body) for body in reader.bodies("/registered")] == [["patient_id", "seq", "timestamp"]]


@on_sqlite
async def test_no_word_of_a_patient_is_in_any_topic_or_payload(quiet: Quiet, mosquitto: MosquittoServer) -> None:
    """The server's own certificate reads everything of its clinic."""
    everything = mosquitto.authority.issue_client(CLINIC)
    settings = mosquitto.settings(CLINIC)
    async with (
        quiet(clinic_id=CLINIC, **settings) as here,
        reading(mosquitto, everything, "#") as reader,
    ):
        patient = await patients.register(
            here.clinic.services, person(), name=PHRASE, phone="+64 21 555 0199", allergies=(PHRASE,)
        )
        await queue.join(here.clinic.services, person(), patient.id, reason=PHRASE)
        await happened(here, "soap_ready", patient_id=patient.id, note_id=NOTE)
        await heard(reader, "registered", "queue_status", "soap_note_ready")
        canary = Canary()
        assert len(reader.got) >= 6
        assert [found for got in reader.got for found in canary.in_text("message", json.dumps(got))] == []
        assert canary.in_text("log of the broker", mosquitto.said) == []
    mosquitto.kill()
    assert canary.in_folder(mosquitto.home) == []


@on_sqlite
async def test_a_name_travels_only_where_the_deployment_allows_it(quiet: Quiet, mosquitto: MosquittoServer) -> None:
    mosquitto.allow(f"user desk\ntopic read clinics/{CLINIC}/patients/+/registered")
    desk = mosquitto.authority.issue_client("desk")
    async with (
        quiet(clinic_id=CLINIC, mqtt_names=True, **mosquitto.settings(CLINIC)) as here,
        reading(mosquitto, desk, f"clinics/{CLINIC}/patients/+/registered") as reader,
    ):
        patient = await registered(here, "सीता देवी")
        await until(lambda: bool(reader.got))
        assert reader.got[0][1]["name"] == "सीता देवी"
        assert reader.got[0][1]["patient_id"] == patient.id


@on_sqlite
async def test_one_clinic_alone_may_use_the_bare_topics(quiet: Quiet, mosquitto: MosquittoServer) -> None:
    mosquitto.allow(f"user {CLINIC}\ntopic readwrite patients/#\ntopic readwrite queue/#")
    mosquitto.allow("user desk\ntopic read patients/#")
    desk = mosquitto.authority.issue_client("desk")
    async with (
        quiet(clinic_id=CLINIC, mqtt_bare_topics=True, **mosquitto.settings(CLINIC)) as here,
        reading(mosquitto, desk, "patients/+/+") as reader,
    ):
        patient = await registered(here)
        await heard(reader, "registered")
        assert [topic for topic, _body in reader.got] == [
            f"patients/{patient.id}/registered",
            f"patients/{patient.id}/updates",
        ]


# Who may read and publish what


async def published_as(server: MosquittoServer, name: str, *topics: str) -> None:
    """A client of that name publishes a little on each topic at QoS 1; the broker acknowledges whatever it does."""
    async with server.client(server.authority.issue_client(name)) as client:
        for topic in topics:
            await client.publish(topic, json.dumps({"from": name}), qos=1)


async def test_a_device_reads_nothing_that_its_rules_do_not_name(mosquitto: MosquittoServer) -> None:
    mosquitto.allow(f"user screen\ntopic read clinics/{CLINIC}/queue/+/status")
    screen = mosquitto.authority.issue_client("screen")
    wildcards = (
        "#",
        "+/+/#",
        f"clinics/{OTHER}/#",
        f"clinics/{CLINIC}/#",
        "clinics/+/patients/#",
        "$SYS/#",
        "$share/x/#",
    )
    async with reading(mosquitto, screen, *wildcards) as reader:
        await published_as(mosquitto, OTHER, f"clinics/{OTHER}/patients/P/updates", f"clinics/{OTHER}/queue/Q/status")
        await published_as(
            mosquitto,
            CLINIC,
            f"clinics/{CLINIC}/patients/P/registered",
            f"clinics/{CLINIC}/patients/P/updates",
            f"clinics/{CLINIC}/queue/Q/other",
            f"clinics/{CLINIC}/queue/Q/status",
        )
        mine = f"clinics/{CLINIC}/queue/Q/status"
        await until(lambda: mine in {topic for topic, _body in reader.got})
        assert {topic for topic, _body in reader.got} == {mine}


async def test_what_a_device_publishes_reaches_nobody(mosquitto: MosquittoServer) -> None:
    """The broker acknowledges it all the same, so that only reading back tells."""
    mosquitto.allow(f"user screen\ntopic read clinics/{CLINIC}/queue/+/status")
    ours, theirs = mosquitto.authority.issue_client(CLINIC), mosquitto.authority.issue_client(OTHER)
    async with (
        reading(mosquitto, ours, "#", name="ours") as own,
        reading(mosquitto, theirs, "#", name="theirs") as other,
    ):
        forged = [f"clinics/{CLINIC}/queue/Q/status", f"clinics/{CLINIC}/patients/P/updates", "clinics", "bare/topic"]
        await published_as(mosquitto, "screen", *forged, f"clinics/{OTHER}/queue/Q/status", "clinics/screen")
        await published_as(mosquitto, "nobody-named-here", *forged)
        await published_as(mosquitto, CLINIC, f"clinics/{OTHER}/queue/Q/status", f"clinics/{CLINIC}/last")
        await published_as(mosquitto, OTHER, f"clinics/{CLINIC}/queue/Q/status", f"clinics/{OTHER}/last")
        await until(lambda: bool(own.got) and bool(other.got))
        assert own.got == [(f"clinics/{CLINIC}/last", {"from": CLINIC})]
        assert other.got == [(f"clinics/{OTHER}/last", {"from": OTHER})]


async def test_nothing_is_kept_for_whoever_subscribes_later(mosquitto: MosquittoServer) -> None:
    server = mosquitto.authority.issue_client(CLINIC)
    async with mosquitto.client(server) as client:
        with suppress(aiomqtt.MqttError):  # it may end the connection, or only not keep it
            await client.publish(f"clinics/{CLINIC}/queue/Q/status", b"{}", qos=1, retain=True, timeout=1)
    async with reading(mosquitto, server, "#") as reader:
        await published_as(mosquitto, CLINIC, f"clinics/{CLINIC}/last")
        await until(lambda: bool(reader.got))
        assert [topic for topic, _body in reader.got] == [f"clinics/{CLINIC}/last"]


@pytest.mark.parametrize("with_certificate", [False, True], ids=["no certificate", "one of another authority"])
async def test_without_a_certificate_of_our_authority_nobody_gets_in(
    mosquitto: MosquittoServer, with_certificate: bool
) -> None:
    stranger = Authority(mosquitto.home / "stranger", "Test authority").issue_client(CLINIC)
    with pytest.raises(aiomqtt.MqttError):
        async with mosquitto.client(stranger if with_certificate else None, timeout=1) as client:
            await client.publish(f"clinics/{CLINIC}/last", b"{}", qos=1, timeout=1)
    async with mosquitto.client(mosquitto.authority.issue_client(CLINIC)) as client:
        await client.publish(f"clinics/{CLINIC}/last", b"{}", qos=1)


async def test_a_user_name_counts_for_nothing_beside_the_certificate(mosquitto: MosquittoServer) -> None:
    ours = mosquitto.authority.issue_client(CLINIC)
    async with reading(mosquitto, ours, "#") as reader:
        async with mosquitto.client(mosquitto.authority.issue_client("screen"), username=CLINIC) as client:
            await client.publish(f"clinics/{CLINIC}/forged", b"{}", qos=1)
        await published_as(mosquitto, CLINIC, f"clinics/{CLINIC}/last")
        await until(lambda: bool(reader.got))
        assert [topic for topic, _body in reader.got] == [f"clinics/{CLINIC}/last"]


async def test_a_device_whose_rules_are_taken_away_hears_nothing_more_at_once(mosquitto: MosquittoServer) -> None:
    rules = (mosquitto.home / "acl").read_text()
    mosquitto.allow(f"user screen\ntopic read clinics/{CLINIC}/queue/+/status")
    mosquitto.allow(f"user desk\ntopic read clinics/{CLINIC}/#")
    screen, desk = mosquitto.authority.issue_client("screen"), mosquitto.authority.issue_client("desk")
    topic = f"clinics/{CLINIC}/queue/Q/status"
    async with (
        reading(mosquitto, screen, topic, name="screen") as out,
        reading(mosquitto, desk, "#", name="desk") as stays,
    ):
        await published_as(mosquitto, CLINIC, topic)
        await until(lambda: bool(out.got) and bool(stays.got))
        (mosquitto.home / "acl").write_text(rules)
        mosquitto.allow(f"user desk\ntopic read clinics/{CLINIC}/#\nuser sign\ntopic write clinics/{CLINIC}/read/again")

        async def read_again() -> bool:
            await published_as(mosquitto, "sign", f"clinics/{CLINIC}/read/again")
            return any(topic.endswith("read/again") for topic, _body in stays.got)

        await until(read_again)
        await published_as(mosquitto, CLINIC, topic)
        await until(lambda: [one for one, _body in stays.got].count(topic) == 2)
        assert len(out.got) == 1


async def test_certificates_made_as_the_readme_says_let_the_server_and_a_device_in(mosquitto: MosquittoServer) -> None:
    page = (CONFIGURATION / "README.md").read_text("utf-8")
    [block] = [one for one in page.split("\n\n") if one.startswith("    # The broker: ")]
    [authority] = [one for one in page.split("\n\n") if one.startswith("    # The authority.")]
    [client] = [one for one in page.split("\n\n") if one.startswith("    # A client.")]
    clients = "".join(client.replace("NAME", name) + "\n" for name in (CLINIC, "screen"))
    script = "\n".join((authority, block.replace("192.168.1.5", "127.0.0.1"), clients))
    folder = mosquitto.home / "made"
    folder.mkdir()
    subprocess.run(["sh", "-euc", script], cwd=folder, check=True, capture_output=True)
    mosquitto.kill()
    for made, name in (("ca.pem", "ca.pem"), ("broker.pem", "localhost.pem"), ("broker.key", "localhost.key")):
        shutil.copy(folder / made, mosquitto.home / "certs" / name)
    mosquitto.start()
    mosquitto.allow(f"user screen\ntopic read clinics/{CLINIC}/queue/+/status")
    server, screen = (Certificate(folder / f"{name}.pem", folder / f"{name}.key") for name in (CLINIC, "screen"))
    async with reading(mosquitto, screen, "#") as reader, mosquitto.client(server) as publishing:
        await publishing.publish(f"clinics/{CLINIC}/patients/P/updates", b"{}", qos=1)
        await publishing.publish(f"clinics/{CLINIC}/queue/Q/status", b"{}", qos=1)
        await until(lambda: bool(reader.got))
        assert [topic for topic, _body in reader.got] == [f"clinics/{CLINIC}/queue/Q/status"]
