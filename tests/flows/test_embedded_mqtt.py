"""The broker of `auscult up --mqtt`: a real process, and what its devices may and may not."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import httpx
import pytest

from auscult.clinic import makers
from auscult.domain.errors import InvalidError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.settings import Settings
from auscult.stores.events.embedded_mqtt import DEVICE, HOST, SERVER, EmbeddedBroker, Passwords
from auscult.stores.secrets.password_file import kept_password
from auscult.world import real_ambient
from tests.support.patience import until
from tests.support.postgres import _free_port
from tests.support.running import running_clinic

CLINIC = "CLN_01JN0000AV0000000000000001"
TREE = f"clinics/{CLINIC}/"
PASSWORDS = Passwords(server="of the server", device="of the devices")


@asynccontextmanager
async def broker() -> AsyncIterator[int]:
    port = _free_port()
    opened = await EmbeddedBroker.open(port, PASSWORDS, (TREE,))
    try:
        yield port
    finally:
        await opened.close()


def client(port: int, name: str, **options: Any) -> aiomqtt.Client:
    password = {SERVER: PASSWORDS.server, DEVICE: PASSWORDS.device}.get(name)
    return aiomqtt.Client(HOST, port, username=name, **{"password": password, "timeout": 5, **options})


@asynccontextmanager
async def overhearing(port: int) -> AsyncIterator[list[str]]:
    """What the server's own account hears below its tree."""
    topics: list[str] = []

    async def listen(listener: aiomqtt.Client) -> None:
        while True:
            topics.append(str((await anext(listener.messages)).topic))

    async with client(port, SERVER) as listener:
        await listener.subscribe(f"{TREE}#", qos=1)
        task = asyncio.create_task(listen(listener))
        yield topics
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "who",
    [
        {"username": None, "password": None},
        {"username": DEVICE, "password": None},
        {"username": DEVICE, "password": "of the server"},
        {"username": SERVER, "password": "of the devices"},
        {"username": SERVER, "password": ""},
        {"username": "somebody", "password": "of the devices"},
    ],
    ids=lambda who: f"{who['username']} with {who['password']!r}",
)
async def test_nobody_gets_in_without_the_right_password(who: dict[str, Any]) -> None:
    async with broker() as port:
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client(HOST, port, timeout=2, **who):
                raise AssertionError("let in")


async def test_a_device_reads_its_clinic_and_no_wildcard_takes_it_further() -> None:
    async with broker() as port, client(port, DEVICE) as device, client(port, SERVER) as server:
        for refused in ("#", "+/#", "clinics/#", "clinics/+/queue/#", "clinics/other/#", "$SYS/#", "clinics/+"):
            assert [code.value for code in await device.subscribe(refused, qos=1)] == [0x80], refused
        assert [code.value for code in await device.subscribe(f"{TREE}queue/#", qos=1)] == [1]
        await server.publish("clinics/other/queue/Q/status", b"{}", qos=1)
        await server.publish(f"{TREE}patients/P/updates", b"{}", qos=1)
        await server.publish(f"{TREE}queue/Q/status", b"{}", qos=1)
        first = await asyncio.wait_for(anext(device.messages), 10)
        assert str(first.topic) == f"{TREE}queue/Q/status"
        assert len(device.messages) == 0


async def test_what_a_device_publishes_reaches_nobody() -> None:
    async with broker() as port, overhearing(port) as topics:
        async with client(port, DEVICE) as device:
            await device.publish(f"{TREE}queue/Q/status", b"{}", qos=1)
            await device.publish(f"{TREE}queue/Q/status", b"{}", qos=1, retain=True)
        async with client(port, SERVER) as server:
            await server.publish(f"{TREE}last", b"{}", qos=1)
        await until(lambda: bool(topics))
        assert topics == [f"{TREE}last"]


async def test_a_last_will_is_no_way_to_publish() -> None:
    async with broker() as port:
        with pytest.raises(aiomqtt.MqttError):
            async with client(port, DEVICE, will=aiomqtt.Will(f"{TREE}queue/Q/status", b"{}", qos=1)):
                raise AssertionError("let in")


async def test_who_tries_another_name_on_a_devices_session_gains_nothing() -> None:
    """The library gives the session the name that was tried before it asks for the password."""
    lasting: dict[str, Any] = {"identifier": "tablet", "clean_session": False}
    async with broker() as port, overhearing(port) as topics:
        async with client(port, DEVICE, **lasting) as device:
            await device.subscribe(f"{TREE}queue/#", qos=1)
        with pytest.raises(aiomqtt.MqttError):
            async with client(port, SERVER, **lasting, password="guessed"):  # type: ignore[misc]  # overrides it
                raise AssertionError("let in")
        async with client(port, DEVICE, **lasting) as device:
            await device.publish(f"{TREE}queue/Q/status", b"{}", qos=1)
        async with client(port, SERVER) as server:
            await server.publish(f"{TREE}last", b"{}", qos=1)
        await until(lambda: bool(topics))
        assert topics == [f"{TREE}last"]


async def test_a_port_that_is_taken_is_said() -> None:
    async with broker() as port:
        with pytest.raises(UnavailableError, match=str(port)):
            await EmbeddedBroker.open(port, PASSWORDS, (TREE,))


def test_devices_keep_their_password_and_others_may_not_read_it(tmp_path: Path) -> None:
    path = tmp_path / "mqtt-password"
    made = kept_password(path, os.urandom)
    assert (len(made), stat.S_IMODE(path.stat().st_mode)) == (48, 0o600)
    assert kept_password(path, os.urandom) == made
    path.chmod(0o640)
    with pytest.raises(UnavailableError, match="by others"):
        kept_password(path, os.urandom)
    path.write_text("\n")
    path.chmod(0o600)
    with pytest.raises(UnavailableError):
        kept_password(path, os.urandom)


async def test_there_is_one_broker_or_the_other(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, mqtt_embedded=True, mqtt_url="mqtts://broker.example")
    with pytest.raises(InvalidError, match="one MQTT broker"):
        await makers.embedded_broker(settings, ClinicId(CLINIC), real_ambient())


async def test_auscult_up_with_mqtt_tells_devices_of_this_machine(tmp_path: Path) -> None:
    port = _free_port()
    with running_clinic(tmp_path, "--mqtt", AUSCULT_MQTT_PORT=str(port), AUSCULT_CLINIC_ID=CLINIC) as running:
        kept = tmp_path / "data" / "mqtt-password"
        password = kept.read_text().strip()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        printed = f"mqtt://127.0.0.1:{port}: user device, password in {kept}"
        await until(lambda: printed in running.said)
        assert password not in running.said
        async with aiomqtt.Client(HOST, port, username=DEVICE, password=password) as device:
            await device.subscribe(f"{TREE}patients/+/registered", qos=1)
            async with httpx.AsyncClient(base_url=running.origin, headers={"X-Auscult": "1"}) as browser:
                await browser.get(running.link, follow_redirects=True)
                made = await browser.post("/patients", json={"name": "Ana Silva", "age": 40, "sex": "female"})
                assert made.status_code == 201, made.text
            message = await asyncio.wait_for(anext(device.messages), 20)
        body = json.loads(bytes(message.payload))  # type: ignore[arg-type]  # our payloads are bytes
        assert body["patient_id"] == made.json()["patient_id"]
        assert "Ana" not in str(body)
        running.stop()
        assert "Traceback" not in running.said
