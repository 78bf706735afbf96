"""What `instruments.toml` says of an OPC UA server: where it is, and which of its nodes are which tags."""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.gateway.case_file import CaseTable
from forgecast.gateway.point import POINT_KEYS, Point, read_name, read_point, read_whole


@dataclass(frozen=True, slots=True)
class OpcUaNode:
    """A node whose value is a tag.

    Parameters
    ----------
    node : str
        As ``ns=2;s=Furnace.Power`` or, safe against servers that number their namespaces anew,
        ``nsu=urn:maker:furnace;s=Furnace.Power``.
    point : Point
    """

    node: str
    point: Point


@dataclass(frozen=True, slots=True)
class OpcUaSettings:
    """An OPC UA server to subscribe to.

    Parameters
    ----------
    name : str
    url : str
        As ``opc.tcp://10.0.0.5:4840``.
    sampling_s, publishing_s : float
        How often the server looks at its values, and how often it sends what it has seen [s].
    queue : int
        Values the server keeps for each node between two sendings.
    user, password_env : str
        User, and the environment variable that holds the password; empty for none.
    security : str
        ``Policy,Mode,certificate,key`` as ``Basic256Sha256,SignAndEncrypt,client.pem,client-key.pem``.
    nodes : tuple of OpcUaNode
    at : str
        Place in `instruments.toml`.
    """

    name: str
    url: str
    sampling_s: float
    publishing_s: float
    queue: int
    user: str
    password_env: str
    security: str
    nodes: tuple[OpcUaNode, ...]
    at: str


def read_opcua(table: CaseTable) -> OpcUaSettings:
    """Return the settings of a table ``[[opcua]]``.

    Raises
    ------
    CaseError
        Naming line and key of what is wrong.
    """
    table.only("name", "url", "sampling", "publishing", "queue", "user", "password_env", "security", "node")
    nodes = []
    for one in table.tables("node"):
        one.only("node", *POINT_KEYS)
        nodes.append(OpcUaNode(one.word("node", 'node = "ns=2;s=Furnace1.Power"'), read_point(one)))
    sampling = table.maybe("sampling", "time_span", "1 s")
    publishing = table.maybe("publishing", "time_span", "1 s")
    sampling = 1.0 if sampling is None else sampling
    return OpcUaSettings(
        read_name(table),
        table.word("url", 'url = "opc.tcp://10.0.0.5:4840"'),
        sampling,
        max(sampling, 0.5) if publishing is None else publishing,
        read_whole(table, "queue", 1, 100_000, 100),
        table.word("user"),
        table.word("password_env"),
        table.word("security"),
        tuple(nodes),
        table.at(),
    )
