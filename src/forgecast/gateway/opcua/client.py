"""The OPC UA client: subscribes, keeps quality and source time, and answers the server only for what is durable."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClientState
from asyncua.client.ua_session import UaSession
from asyncua.common.subscription import DataChangeEvent, StatusChangeEvent, SubEvent, Subscription
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError

from forgecast.gateway.feed import BackOff, Feed, Reading, backing_off, finding, now_us
from forgecast.gateway.opcua.settings import OpcUaNode, OpcUaSettings
from forgecast.gateway.opcua.status import flag_of_status, instant, overflowed
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.signals.reading import INVALID

#: How often nodes that were refused are asked for again [s].
ASK_AGAIN_S = 30.0
#: How long after a break the nodes may take to be watched again before they are asked for [s].
RECOVER_S = 5.0
#: How often a server with nothing to send says that it lives [s].
KEEP_ALIVE_S = 3.0
_LOOK_S = 0.2


class _Held(Subscription):
    """A subscription whose messages are answered only once what they say is durable.

    asyncua acknowledges a message when the callback has returned. Here the callback waits for the store, so the server
    keeps what is not durable, and sends nothing more meanwhile: its own flow control.
    """

    def __init__(
        self,
        session: UaSession,
        parameters: ua.CreateSubscriptionParameters,
        taken: Callable[[list[SubEvent]], Awaitable[None]],
    ) -> None:
        super().__init__(session, parameters, handler=None, queue_maxsize=1)
        self._taken = taken
        self._busy = False
        #: Whether it is being made anew just now.
        self.making = False

    async def publish_callback(self, publish_result: ua.PublishResult) -> None:
        """Take a message of the server and wait until it is durable."""
        self.last_publish_at = time.monotonic()
        message = publish_result.NotificationMessage
        if message.NotificationData is None:
            return
        # Noted before: what is on its way to the store is not to be asked for again after a break.
        self.last_sequence_number = int(message.SequenceNumber)
        self._busy = True
        try:
            await self._taken(list(self._explode_notifications(message.NotificationData)))
        finally:
            self._busy = False
            self.last_publish_at = time.monotonic()

    def is_stale(self, margin: float) -> bool:
        """Return whether the server has fallen silent; while we hold it up ourselves it has not."""
        return not self._busy and super().is_stale(margin)

    async def recreate(self) -> None:
        """Make the subscription anew, with the nodes it had."""
        self.making = True
        try:
            await super().recreate()
        finally:
            self.making = False

    def watched(self) -> set[int]:
        """Return the handles of the nodes the server watches for us."""
        return {handle for handle, item in self._monitored_items.items() if item.server_handle is not None}


class _Session(Client):
    """A client that keeps a held subscription through breaks: asked for again what was missed, else made anew."""

    async def held(
        self, parameters: ua.CreateSubscriptionParameters, taken: Callable[[list[SubEvent]], Awaitable[None]]
    ) -> _Held:
        made = _Held(self.uaclient.session, parameters, taken)
        given = await made.init()
        # The server may have chosen other intervals; whether it has fallen silent is measured by its own.
        made.parameters.RequestedPublishingInterval = given.RevisedPublishingInterval
        made.parameters.RequestedMaxKeepAliveCount = given.RevisedMaxKeepAliveCount
        made.last_publish_at = time.monotonic()
        self._subscriptions.append(made)
        return made


@dataclass(slots=True)
class _Watch:
    """What is known of the nodes of one server while the gateway runs."""

    settings: OpcUaSettings
    feed: Feed
    last_status: dict[int, int] = field(default_factory=dict)
    told: set[tuple[str, int]] = field(default_factory=set)
    #: Whether the server sends a value again when only its time has changed.
    every_stamp: bool = True

    async def taken(self, events: list[SubEvent]) -> None:
        readings = []
        for event in events:
            if isinstance(event, DataChangeEvent):
                reading = self._reading(event)
                if reading is not None:
                    readings.append(reading)
            elif isinstance(event, StatusChangeEvent):
                self._tell(
                    "subscription-ended", 0, Severity.NOTE, str(event.notification.Status),
                )  # fmt: skip
        await self.feed.put(readings)

    def _reading(self, event: DataChangeEvent) -> Reading | None:
        handle = event.data.subscription_data.client_handle
        sent = event.data.monitored_item.Value
        if handle is None or sent is None:
            return None
        node = self.settings.nodes[handle - 1]
        code = 0 if sent.StatusCode is None else int(sent.StatusCode.value)
        flag = flag_of_status(code)
        if overflowed(code):
            self._tell("values-dropped", handle, Severity.DOUBTFUL, node.node, again=True)
        number = node.point.number(event.value)
        if flag == INVALID and self.last_status.get(handle) != code:
            self._tell_bad(node, code, has_value=number is not None)
        self.last_status[handle] = code
        if number is None:
            if event.value is not None:
                self._tell("not-a-number", handle, Severity.REFUSED, str(event.value))
            return None
        t, whose = instant(sent.SourceTimestamp, sent.ServerTimestamp, now_us())
        if whose != "source":
            self._tell(f"no-source-time-{whose}", handle, Severity.NOTE, node.node)
        return self.feed.reading(node.point.tag, t, number, flag, node.point.unit)

    def _tell_bad(self, node: OpcUaNode, code: int, *, has_value: bool) -> None:
        name = ua.StatusCode(ua.UInt32(code)).name
        self.feed.tell(
            finding(
                "bad-status", Severity.DOUBTFUL, self.settings.name, node.node, name,
                text("the server marks {tag} as bad ({status}); its value is kept as invalid", tag=node.point.tag,
                     status=name)
                if has_value
                else text("the server marks {tag} as bad ({status}) and sends no value: a gap", tag=node.point.tag,
                          status=name),
                text("see at the instrument what is wrong; good values are stored again as soon as they come"),
            )
        )  # fmt: skip

    def _tell(self, code: str, handle: int, severity: Severity, value: str, *, again: bool = False) -> None:
        """Tell something of a node, once where it would be the same each time."""
        if not again and (code, handle) in self.told:
            return
        self.told.add((code, handle))
        column = self.settings.nodes[handle - 1].node if handle else ""
        reason, repair = _SENTENCES[code]
        self.feed.tell(finding(code, severity, self.settings.name, column, value, reason, repair))


_SENTENCES = {
    "values-dropped": (
        text("the server has dropped values because its queue was full"),
        text("give a larger queue or a longer sampling interval; see whether the store was slow"),
    ),
    "not-a-number": (
        text("the node does not give a number"),
        text("say what its words count as (words = {{ Running = 1 }}), or take the node out"),
    ),
    "no-source-time-server": (
        text("the node has no time of its own; the server's is taken"),
        text("let the server hand on the time of the instrument, if it knows it"),
    ),
    "no-source-time-here": (
        text("neither node nor server says a time; the time of arrival is taken"),
        text("let the server send time stamps: after a break the times would be wrong"),
    ),
    "subscription-ended": (
        text("the server has ended the subscription; it is made anew"),
        text("nothing, unless it happens often: then see whether the server is overloaded"),
    ),
    "unchanged-not-sent": (
        text("the server sends values only when they change, so a steady value looks like a gap"),
        text("let the server allow the trigger StatusValueTimestamp, or poll the value by another way"),
    ),
}


async def run_opcua(settings: OpcUaSettings, feed: Feed, stop: asyncio.Event) -> None:
    """Collect from an OPC UA server until asked to stop; breaks are bridged.

    After a short break what the server still holds is fetched by Republish; after a longer one the subscription is
    made anew. A node that the server does not know is told and asked for again now and then; it stops nothing.

    Parameters
    ----------
    settings : OpcUaSettings
    feed : Feed
    stop : asyncio.Event
    """
    pauses = BackOff()
    told = False
    while not stop.is_set():
        client = _Session(settings.url, timeout=10.0, watchdog_intervall=2.0, auto_reconnect=True)
        client.name = client.description = f"forgecast {settings.name}"
        try:
            await _secure(client, settings)
            await client.connect()
        except (OSError, TimeoutError, UaError) as error:
            if not told:
                _tell_out_of_reach(settings, feed, error)
            told = True
            await backing_off(pauses, stop)
            continue
        try:
            told = False
            pauses.done()
            await _collect(client, settings, feed, stop)
        except (OSError, TimeoutError, UaError) as error:
            _tell_out_of_reach(settings, feed, error)
            told = True
            await backing_off(pauses, stop)
        finally:
            feed.state.connected = False
            with contextlib.suppress(OSError, TimeoutError, UaError):
                await client.disconnect()


async def _secure(client: Client, settings: OpcUaSettings) -> None:
    if settings.security:
        await client.set_security_string(settings.security)
    if settings.user:
        client.set_user(settings.user)
        client.set_password(os.environ.get(settings.password_env, ""))


def _tell_out_of_reach(settings: OpcUaSettings, feed: Feed, error: Exception) -> None:
    why = str(error) or type(error).__name__
    feed.tell(
        finding(
            "out-of-reach", Severity.NOTE, settings.name, settings.url, why,
            text("the instrument cannot be reached: {why}", why=why),
            text("see whether it is switched on and the address is right; it is tried again until it answers"),
        )
    )  # fmt: skip


async def _collect(client: _Session, settings: OpcUaSettings, feed: Feed, stop: asyncio.Event) -> None:
    watch = _Watch(settings, feed)
    parameters = ua.CreateSubscriptionParameters()
    parameters.RequestedPublishingInterval = 1000.0 * settings.publishing_s
    parameters.RequestedLifetimeCount = 10_000
    # A server that says nothing for half as long again counts as silent, and the subscription is made anew.
    parameters.RequestedMaxKeepAliveCount = max(3, round(KEEP_ALIVE_S / settings.publishing_s))
    parameters.MaxNotificationsPerPublish = 10_000
    parameters.PublishingEnabled = True
    held = await client.held(parameters, watch.taken)
    asked = 0.0
    feed.state.connected = True
    while not stop.is_set():
        connected = client.state is UaClientState.CONNECTED
        if connected and not feed.state.connected:
            feed.state.reconnects += 1
            # asyncua asks for the nodes by itself; what is missing some time later is asked for here.
            asked = time.monotonic() - ASK_AGAIN_S + RECOVER_S
        if feed.state.connected and not connected:
            _tell_out_of_reach(settings, feed, ConnectionError("the connection broke"))
        feed.state.connected = connected
        missing = set(range(1, len(settings.nodes) + 1)) - held.watched()
        if connected and missing and not held.making and time.monotonic() - asked > ASK_AGAIN_S:
            asked = time.monotonic()
            await _subscribe(client, held, watch, sorted(missing))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_S)


async def _subscribe(client: Client, held: _Held, watch: _Watch, handles: list[int]) -> None:
    """Ask the server to watch nodes; tell of those it refuses."""
    asked: list[ua.MonitoredItemCreateRequest] = []
    for handle in handles:
        try:
            node = await _node_id(client, watch.settings.nodes[handle - 1].node)
        except (ValueError, UaError) as error:
            _tell_unknown(watch, handle, str(error) or type(error).__name__)
            continue
        asked.append(_request(watch, handle, node))
    if not asked:
        return
    given = await held.create_monitored_items(asked)
    refused = [(one, code) for one, code in zip(asked, given, strict=True) if isinstance(code, ua.StatusCode)]
    filters = {StatusCodes.BadMonitoredItemFilterUnsupported, StatusCodes.BadFilterNotAllowed}
    if watch.every_stamp and any(code.value in filters for _, code in refused):
        watch.every_stamp = False
        watch.feed.tell(finding("unchanged-not-sent", Severity.NOTE, watch.settings.name, "", "",
                                *_SENTENCES["unchanged-not-sent"]))  # fmt: skip
        await _subscribe(client, held, watch, [int(one.RequestedParameters.ClientHandle or 0) for one, _ in refused])
        return
    for one, code in refused:
        _tell_unknown(watch, int(one.RequestedParameters.ClientHandle or 0), code.name)


def _request(watch: _Watch, handle: int, node: ua.NodeId) -> ua.MonitoredItemCreateRequest:
    parameters = ua.MonitoringParameters()
    parameters.ClientHandle = ua.UInt32(handle)
    parameters.SamplingInterval = 1000.0 * watch.settings.sampling_s
    parameters.QueueSize = ua.UInt32(watch.settings.queue)
    parameters.DiscardOldest = True
    if watch.every_stamp:
        # A steady value that is measured anew is sent too: it is no gap.
        chosen = ua.DataChangeFilter()
        chosen.Trigger = ua.DataChangeTrigger.StatusValueTimestamp
        chosen.DeadbandType = ua.UInt32(0)
        parameters.Filter = chosen
    wanted = ua.ReadValueId()
    wanted.NodeId = node
    wanted.AttributeId = AttributeIds.Value
    request = ua.MonitoredItemCreateRequest()
    request.ItemToMonitor = wanted
    request.MonitoringMode = ua.MonitoringMode.Reporting
    request.RequestedParameters = parameters
    return request


async def _node_id(client: Client, words: str) -> ua.NodeId:
    if words.startswith("nsu="):
        uri, _, rest = words[4:].partition(";")
        return ua.NodeId.from_string(f"ns={await client.get_namespace_index(uri)};{rest}")
    return ua.NodeId.from_string(words)


def _tell_unknown(watch: _Watch, handle: int, why: str) -> None:
    if ("unknown-node", handle) in watch.told:
        return
    watch.told.add(("unknown-node", handle))
    node = watch.settings.nodes[handle - 1]
    watch.feed.tell(
        finding(
            "unknown-node", Severity.REFUSED, watch.settings.name, node.node, why,
            text("the server does not give {tag}: {why}", tag=node.point.tag, why=why),
            text("correct the node in instruments.toml, or see why the server does not have it; the others go on"),
        )
    )  # fmt: skip
