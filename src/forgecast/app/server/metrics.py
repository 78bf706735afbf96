"""The figures of a running server in the form that Prometheus reads; no label tells a plant, a person or an address.

Each web process tells its own requests, pages and plants, at its own port; what it tells of jobs and workers is read
from what all processes share, so it is the same at every port.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from forgecast import __version__
from forgecast.app.server.house import House
from forgecast.ground.dates import SECOND_US
from forgecast.ground.errors import ForgecastError
from forgecast.store.server.jobs import ENDED, State, count_of_states, now_us
from forgecast.store.server.presence import alive
from forgecast.store.server.tables import JOB

_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_JOB_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The figures of one web process.

    Parameters
    ----------
    house : House
    """

    def __init__(self, house: House) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "forgecast_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "forgecast_request_seconds", "Duration of requests.", ("route",), buckets=_REQUEST_S,
            registry=self._registry,
        )  # fmt: skip
        self._registry.register(_Shared(house))
        self._jobs = _EndedJobs(house, self._registry)

    def asked(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def told(self) -> bytes:
        """Return all figures."""
        self._jobs.look()
        return generate_latest(self._registry)


class _EndedJobs:
    """Durations of jobs that ended since this process began."""

    def __init__(self, house: House, registry: CollectorRegistry) -> None:
        self._house = house
        self._seconds = Histogram(
            "forgecast_job_seconds", "Duration of jobs that ended.", ("area", "state"), buckets=_JOB_S,
            registry=registry,
        )  # fmt: skip
        self._lock = threading.Lock()
        with house.store.reading() as connection:
            self._from = now_us(connection)

    def look(self) -> None:
        asked = sa.select(JOB.c.door, JOB.c.state, JOB.c.begun_us, JOB.c.ended_us).where(
            JOB.c.state.in_(ENDED), JOB.c.begun_us.is_not(None)
        )
        with self._lock:
            try:
                with self._house.store.reading() as connection:
                    rows = connection.execute(asked.where(JOB.c.ended_us > self._from)).all()
            except ForgecastError:
                return  # `forgecast_database_up` tells it
            for door, state, begun, ended in rows:
                area = str(door).partition("/")[0]
                self._seconds.labels(area, str(state)).observe(max(0, ended - begun) / SECOND_US)
                self._from = max(self._from, ended)


class _Shared(Collector):
    def __init__(self, house: House) -> None:
        self._house = house

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        version = GaugeMetricFamily("forgecast_version", "Version that runs.", labels=("version",))
        version.add_metric((__version__,), 1)
        yield version
        held, shown = _pages()
        yield GaugeMetricFamily("forgecast_open_pages", "Pages open in browsers.", value=shown)
        yield GaugeMetricFamily("forgecast_kept_pages", "Pages kept: open, or waiting for their browser.", value=held)
        yield GaugeMetricFamily("forgecast_open_plants", "Plants held open.", value=self._house.open_plants)
        yield GaugeMetricFamily("forgecast_workers", "Workers alive.", value=alive(self._house.home, "worker"))
        yield GaugeMetricFamily("forgecast_web_processes", "Web processes alive.", value=alive(self._house.home, "web"))
        yield from self._jobs()

    def _jobs(self) -> Iterator[Metric]:
        try:
            counts = count_of_states(self._house.store)
            oldest = sa.select(sa.func.min(JOB.c.submitted_us)).where(JOB.c.state == State.QUEUED)
            with self._house.store.reading() as connection:
                since = connection.execute(oldest).scalar()
                waits_s = 0.0 if since is None else max(0, now_us(connection) - since) / SECOND_US
        except ForgecastError:
            yield GaugeMetricFamily("forgecast_database_up", "Whether the server's database answers.", value=0)
            return
        yield GaugeMetricFamily("forgecast_database_up", "Whether the server's database answers.", value=1)
        states = GaugeMetricFamily("forgecast_jobs", "Jobs that the database holds.", labels=("state",))
        for state, count in counts.items():
            states.add_metric((str(state),), count)
        yield states
        yield GaugeMetricFamily("forgecast_queue_age_seconds", "How long the oldest job has waited.", value=waits_s)


def _pages() -> tuple[int, int]:
    """Return how many pages are kept, and how many of them have their line."""
    loaded = sys.modules.get("nicegui")
    if loaded is None:  # a server without pages
        return 0, 0
    kept = list(loaded.Client.instances.values())
    return len(kept), sum(client.has_socket_connection for client in kept)
