"""Families as the text that Prometheus asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector


@dataclass(frozen=True, eq=False)
class _Snapshot(Collector):
    families: tuple[Metric, ...]

    def collect(self) -> Iterable[Metric]:
        return self.families


def encode(families: Iterable[Metric], accept: str = "") -> tuple[bytes, str]:
    """The text and its content type, as the `Accept` header of the request wants it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(tuple(families)))
    encoder, content_type = choose_encoder(accept)
    return encoder(registry), content_type
