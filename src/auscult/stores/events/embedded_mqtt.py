"""An MQTT broker inside the server, for a clinic on one machine: on loopback only, by password, without TLS.

amqtt speaks MQTT 3.1.1 and keeps everything in memory. Who may do what is decided here: its own rules for topics take
`clinics/+` to allow a subscription to `clinics/#`, and do not look at last wills.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from amqtt.broker import Broker
from amqtt.contexts import Action, BrokerConfig, ListenerConfig
from amqtt.errors import BrokerError
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from auscult.domain.errors import UnavailableError

HOST: Final = "127.0.0.1"
SERVER, DEVICE = "auscult", "device"
"""The two who are let in: the server, which tells, and whoever has the device password, who reads."""
_CONNECTIONS: Final = 64
_REMEMBERED_SECONDS: Final = 24 * 3600
"""How long a device that is away is remembered, with what waits for it in memory."""
_CLOSE_SECONDS: Final = 5.0

for _name in ("amqtt", "transitions"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # they tell of each connection, and at length of each fault


@dataclass(frozen=True, slots=True)
class Passwords:
    """What each of the two has to know."""

    server: str = field(repr=False)
    device: str = field(repr=False)


class EmbeddedBroker:
    """A running broker."""

    def __init__(self, broker: Broker) -> None:
        """Use `open`."""
        self._broker = broker

    @classmethod
    async def open(cls, port: int, passwords: Passwords, trees: tuple[str, ...]) -> EmbeddedBroker:
        """Listen on this port of loopback; `trees` are the beginnings of all topics, each ending in a slash.

        Raises `UnavailableError` when the port is taken.
        """
        plugin = f"{Access.__module__}.{Access.__name__}"
        config = BrokerConfig(
            listeners={"default": ListenerConfig(bind=f"{HOST}:{port}", max_connections=_CONNECTIONS)},
            session_expiry_interval=_REMEMBERED_SECONDS,
            plugins={
                plugin: {"server": passwords.server, "device": passwords.device, "trees": list(trees)},
            },
        )
        broker = Broker(config)
        try:
            await broker.start()
        except BrokerError as error:
            raise UnavailableError(
                f"Port {port} on {HOST} is taken.",
                remedy="Choose another for the MQTT broker with AUSCULT_MQTT_PORT, or stop the one that runs there.",
            ) from error
        return cls(broker)

    async def close(self) -> None:
        """Disconnect everybody and stop; what waited for a device is gone."""
        with suppress(TimeoutError):  # a connection that never said who it is does not hold up the end
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._broker.shutdown()


class Access(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc]  # the library has no types
    """Who is let in, and who may do what: the server everything below its topics, a device only read there."""

    async def authenticate(self, *, session: Session) -> bool:
        """Let the two in who know their password; never with a last will, which no rule for topics would see."""
        known = {SERVER: self.config.server, DEVICE: self.config.device}.get(session.username or "")
        given = session.password or ""
        matches = known is not None and hmac.compare_digest(known.encode(), str(given).encode())
        if matches and not session.will_flag:
            return True
        # The session may be that of a device that was let in before: it must not go on under the name that was tried.
        session.username = None
        return False

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """Whether this session may publish on, subscribe to or be sent this topic."""
        name = session.username if session is not None else None
        below = topic is not None and topic.startswith(tuple(self.config.trees))
        return below and (name == SERVER or (name == DEVICE and action in (Action.SUBSCRIBE, Action.RECEIVE)))

    @dataclass
    class Config:
        """What the plugin is opened with."""

        server: str = ""
        device: str = ""
        trees: list[str] = field(default_factory=list)
