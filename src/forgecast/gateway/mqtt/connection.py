"""A connection to a broker: paho's client in its own thread, whose events come into the gateway's event loop."""

from __future__ import annotations

import os
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from forgecast.gateway.mqtt.settings import Broker
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: How long a broker of version 5 keeps a session for us [s]; one of version 3.1.1 decides for itself.
SESSION_S = 7 * 24 * 3600


def new_client(broker: Broker, *, manual_ack: bool = True) -> Client:
    """Return a client that keeps its session through breaks and acknowledges only when told to.

    Raises
    ------
    ForgecastError
        If the file of certificates cannot be read.
    """
    version = MQTTProtocolVersion.MQTTv5 if broker.version == "5" else MQTTProtocolVersion.MQTTv311
    more: dict[str, Any] = {} if broker.version == "5" else {"clean_session": False}
    client = Client(
        CallbackAPIVersion.VERSION2, client_id=broker.client, protocol=version, manual_ack=manual_ack, **more
    )
    if broker.user:
        client.username_pw_set(broker.user, os.environ.get(broker.password_env) if broker.password_env else None)
    if broker.tls:
        try:
            client.tls_set(ca_certs=broker.ca or None)
        except OSError as error:
            raise ForgecastError(
                text("the certificates cannot be read: {why}", why=str(error)),
                where=broker.ca,
                repair=text("give the path of a PEM file at `ca`"),
            ) from None
    client.reconnect_delay_set(1, 10)
    client.max_queued_messages_set(0)
    return client


def begin(client: Client, broker: Broker) -> None:
    """Connect in the background, and go on trying."""
    if broker.version == "5":
        kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        kept.SessionExpiryInterval = SESSION_S
        client.connect_async(broker.host, broker.port, keepalive=30, clean_start=False, properties=kept)
    else:
        client.connect_async(broker.host, broker.port, keepalive=30)
    client.loop_start()
