"""Published events to an MQTT broker at QoS 1: Mosquitto, EMQX or the embedded one.

MQTT 3.1.1, https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html, which all of them speak.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiomqtt

from auscult.domain.errors import InvalidError, UnavailableError
from auscult.domain.event import Event
from auscult.domain.ids import ClinicId
from auscult.stores.events import Wording

CONNECT_SECONDS: Final = 5.0
"""A broker that has not taken us in by then is away."""
READ_BACK_SECONDS: Final = 3.0
"""A broker that has not given back by then what it was sent does not let us publish."""
ACKNOWLEDGED_SECONDS: Final = 30.0
"""A broker that has not acknowledged what it was sent by then is away."""
_KEEPALIVE_SECONDS: Final = 20
"""A connection that is dead without saying so is noticed after one and a half times this."""
_CHECKED: Final = ("patients/check", "queue/check")
"""Topics that nobody reads but we: what comes back on them shows that the broker lets us publish on both trees."""
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}

_log = logging.getLogger(__name__)
_QUIET: Final = logging.getLogger(f"{__name__}.protocol")
_QUIET.setLevel(logging.CRITICAL)  # what goes wrong is raised, and told once


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, who we are to it, and how our topics begin."""

    host: str
    port: int
    tls: bool
    ca: Path | None = None
    """Who vouches for the broker; None: the authorities that this machine trusts."""
    cert: Path | None = None
    key: Path | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    bare: bool = False
    """Whether topics begin with `patients/` and `queue/` instead of `clinics/{clinic_id}/`."""

    def topic(self, clinic_id: ClinicId, path: str) -> str:
        """The whole topic of a clinic's path."""
        return path if self.bare else f"clinics/{clinic_id}/{path}"

    def context(self) -> ssl.SSLContext | None:
        """How the broker is known and we make ourselves known; read anew each time, so that files may be renewed.

        Raises `UnavailableError` naming the file that is missing or wrong.
        """
        if not self.tls:
            return None
        try:
            made = ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as error:
            raise _unusable("AUSCULT_MQTT_CA", self.ca) from error
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert is not None:
            try:
                made.load_cert_chain(self.cert, self.key)
            except (OSError, ssl.SSLError) as error:
                raise _unusable("AUSCULT_MQTT_CERT and AUSCULT_MQTT_KEY", self.cert, self.key) from error
        return made


def broker_at(
    url: str,
    *,
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
    username: str = "",
    password: str = "",
    bare: bool = False,
) -> Broker:
    """The broker at `mqtts://host[:8883]`, or on this machine alone `mqtt://127.0.0.1[:1883]`.

    Raises `InvalidError` for any other address, and for a certificate without its key.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong_address() from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise _wrong_address()
    if parts.scheme == "mqtt" and not _loopback(parts.hostname):
        raise InvalidError(
            "AUSCULT_MQTT_URL would send what happens in the clinic over the network unprotected.",
            remedy="Use mqtts:// for a broker on another machine.",
        )
    if (cert is None) != (key is None):
        raise InvalidError(
            "A client certificate needs its key, and a key its certificate.",
            remedy="Set both AUSCULT_MQTT_CERT and AUSCULT_MQTT_KEY.",
        )
    return Broker(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "mqtts",
        ca=ca,
        cert=cert,
        key=key,
        username=username or None,
        password=password or None,
        bare=bare,
    )


class MqttTransport:
    """The `Transport` to one broker.

    It connects when there is something to send, stays connected, and raises what goes wrong: whoever calls it comes
    back, after ever longer pauses. The broker drops what its rules forbid without a word, so that on each new
    connection something is sent and read back; until that comes back nothing counts as delivered.
    """

    def __init__(self, broker: Broker, clinic_id: ClinicId, wording: Wording, new_id: Callable[[str], str]) -> None:
        """Tell this broker of the clinic's events, in these words; `new_id` gives each connection its name."""
        self._broker = broker
        self._clinic_id = clinic_id
        self._wording = wording
        self._new_id = new_id
        self._session: _Session | None = None
        self._in_doubt = False

    async def publish(self, events: Sequence[Event]) -> None:
        """See `Transport.publish`. Raises `UnavailableError` when the broker has not acknowledged them all."""
        self.in_doubt()  # a session that broke is put away, and what was told on it may be lost
        session = self._session
        try:
            if session is None:
                session = self._session = await _connected(self._broker, self._clinic_id, self._new_id("MQT"))
            messages = await self._wording.messages(events)
            sent = [
                (self._broker.topic(one.clinic_id, one.path), json.dumps(one.body, ensure_ascii=False).encode())
                for one in messages
            ]
            await session.send(sent)
        except BaseException:
            self._wording.forget()
            raise
        self._in_doubt = False

    def in_doubt(self) -> bool:
        """Whether the connection was lost since events were sent: a broker may forget what it had acknowledged."""
        session = self._session
        if session is not None and session.lost:
            self._session, self._in_doubt = None, True
            self._wording.forget()
        return self._in_doubt

    async def check(self) -> None:
        """Raise `UnavailableError` unless the broker takes us in and takes what we publish."""
        session = await _connected(self._broker, self._clinic_id, self._new_id("MQT"))
        await session.close()

    async def close(self) -> None:
        """Say goodbye to the broker."""
        if self._session is not None:
            await self._session.close()


class _Session:
    """One connection, from the greeting to its end, however that comes."""

    def __init__(self, broker: Broker, clinic_id: ClinicId, name: str) -> None:
        self._broker = broker
        self._name = name
        self._checked = {broker.topic(clinic_id, path) for path in _CHECKED}
        self._client: aiomqtt.Client | None = None
        self._stopped = False
        self._entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._works: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(broker.context()), name="connection to the MQTT broker")

    @property
    def lost(self) -> bool:
        """Whether it has ended."""
        return self._task.done()

    async def open(self) -> None:
        """Wait until the broker has taken us in and given back what it was sent."""
        try:
            # A connection may take its time in a thread and then again for the greeting; both have their own limit.
            await self._either(self._entered, 3 * CONNECT_SECONDS)
            if self._entered.done():
                await self._either(self._works, READ_BACK_SECONDS)
            if self._works.done():
                return
        except BaseException:
            await self.close()
            raise
        deaf = self._entered.done() and not self.lost
        await self.close()
        if deaf:
            raise UnavailableError(
                "The MQTT broker lets us in and does not pass on what we publish.",
                remedy="Let the server's name publish and read its clinic's topics: deploy/mosquitto/README.md.",
            )
        raise _away()

    async def _either(self, awaited: asyncio.Future[None], seconds: float) -> None:
        """Wait until it has come, or the connection has ended, or so long."""
        await asyncio.wait({self._task, awaited}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def send(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Publish topics and payloads in this order; return when each is acknowledged."""
        client = self._client
        if client is None or self.lost:
            raise _away()
        client.pending_calls_threshold = max(client.pending_calls_threshold, len(messages))
        sending = asyncio.create_task(_publish(client, messages))
        try:
            await asyncio.wait({sending, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            await asyncio.wait({sending})
        if sending.cancelled() or sending.exception() is not None:
            await self.close()
            raise _away()

    async def close(self) -> None:
        """Say goodbye, unless the connection is gone already."""
        self._stopped = True
        if self._client is not None:
            self._task.cancel()
        # else it is still connecting, in a thread that only its own time limit ends
        await asyncio.wait({self._task}, timeout=3 * CONNECT_SECONDS)

    async def _live(self, context: ssl.SSLContext | None) -> None:
        try:
            async with aiomqtt.Client(
                self._broker.host,
                self._broker.port,
                username=self._broker.username,
                password=self._broker.password,
                identifier=self._name,
                clean_session=True,
                keepalive=_KEEPALIVE_SECONDS,
                timeout=CONNECT_SECONDS,
                tls_context=context,
                logger=_QUIET,
            ) as client:
                if self._stopped:
                    return
                self._client = client
                self._entered.set_result(None)
                await self._stay(client)
        except Exception as error:  # whatever it was, the connection is gone, and whoever sends next makes another
            _log.debug("The connection to the MQTT broker ended (%s).", type(error).__name__)

    async def _stay(self, client: aiomqtt.Client) -> None:
        await client.subscribe([(topic, 1) for topic in sorted(self._checked)])
        for topic in sorted(self._checked):
            await client.publish(topic, json.dumps({"check": self._name}), qos=1)
        back: set[str] = set()
        async for message in client.messages:
            if self._name.encode() in bytes(message.payload if isinstance(message.payload, bytes) else b""):
                back.add(str(message.topic))
            if back >= self._checked and not self._works.done():
                self._works.set_result(None)


async def _publish(client: aiomqtt.Client, messages: Sequence[tuple[str, bytes]]) -> None:
    """Hand all over in this order, then wait for their acknowledgements."""
    sent = (client.publish(topic, payload, qos=1, timeout=ACKNOWLEDGED_SECONDS) for topic, payload in messages)
    for ended in await asyncio.gather(*sent, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended


async def _connected(broker: Broker, clinic_id: ClinicId, name: str) -> _Session:
    session = _Session(broker, clinic_id, name)
    await session.open()
    return session


def _away() -> UnavailableError:
    return UnavailableError(
        "The MQTT broker cannot be reached, or does not let us in.",
        remedy="Check that it runs, AUSCULT_MQTT_URL, and that it knows our certificate or password.",
    )


def _unusable(setting: str, *paths: Path | None) -> UnavailableError:
    names = ", ".join(str(path) for path in paths if path is not None)
    return UnavailableError(f"A file of the MQTT connection cannot be used: {names}.", remedy=f"Correct {setting}.")


def _wrong_address() -> InvalidError:
    return InvalidError(
        "AUSCULT_MQTT_URL is not the address of an MQTT broker.", remedy="Write it as mqtts://broker.example:8883."
    )


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
