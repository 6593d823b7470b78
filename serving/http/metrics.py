"""What the server counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.model.holder import ModelHolder

_SECONDS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)


class Metrics:
    """All metrics of one server.

    Attributes:
        requests: Answers by route, method and status.
        seconds: Seconds of an answer by route; quantiles come from `histogram_quantile`.
        batch_rows: Rows of each batch.
        under_way: Requests under way.
        refused: Requests refused for load, by reason: queue_full, timeout, too_many, body_bytes.
        unknown: Users, movies and histories that the model did not know.
        waiting: Rows in the queue.
    """

    def __init__(self, holder: ModelHolder) -> None:
        """Registers the metrics; the holder tells version, swaps and failures."""
        disable_created_metrics()  # a second series for each, which nobody asks for
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.requests = Counter(
            "serving_requests", "Answers.", ("route", "method", "status"), registry=registry
        )
        self.seconds = Histogram(
            "serving_request_seconds", "Seconds of an answer.", ("route",), buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
        self.batch_rows = Histogram(
            "serving_batch_rows", "Rows of a batch of the model.", buckets=_ROWS, registry=registry
        )
        self.under_way = Gauge(
            "serving_requests_under_way", "Requests under way.", registry=registry
        )
        self.refused = Counter(
            "serving_refused_requests", "Requests refused for load.", ("reason",), registry=registry
        )
        self.unknown = Counter(
            "serving_unknown", "Users, movies and histories that the model did not know.",
            registry=registry,
        )  # fmt: skip
        self.waiting = Gauge("serving_waiting_rows", "Rows in the queue.", registry=registry)
        registry.register(_ModelCollector(holder))

    def render(self) -> bytes:
        """Returns all metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _ModelCollector(Collector):
    """Reads version, swaps and failures from the holder at the time of the request."""

    def __init__(self, holder: ModelHolder) -> None:
        self._holder = holder

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        holder = self._holder
        version = GaugeMetricFamily("serving_model_version", "The live version.")
        since = GaugeMetricFamily("serving_model_loaded_seconds", "When it was loaded, Unix time.")
        if holder.live is not None:
            version.add_metric([], float(holder.live.version))
            since.add_metric([], holder.live.since.timestamp())
        yield version
        yield since
        yield CounterMetricFamily(
            "serving_model_swaps", "Models that took over from another.", holder.swaps
        )
        yield CounterMetricFamily(
            "serving_model_failures", "Versions that failed to load.", holder.failures
        )
        yield GaugeMetricFamily(
            "serving_model_failed", "1 while the newest version could not be loaded.",
            int(holder.failed is not None),
        )  # fmt: skip
