"""Figures of many instants as OpenMetrics text with timestamps, to make blocks for Prometheus of. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from service.domain.metrics import CATALOGUE
from service.exposition.business import OWNER

END = b"# EOF\n"


class _Family(Collector):
    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterable[Metric]:
        return (self._family,)


def written(
    instants: Sequence[int], series: Iterable[Mapping[str, Any]], labels: Mapping[str, str]
) -> Iterator[bytes]:
    """The text, family by family, of rows as `business.Series` makes them; a value that is null has no
    sample. `labels` are added to all.

    Prometheus counts milliseconds: an instant is cut to them, so that the end of a day stays on that day.
    """
    stamps = [at // 1_000 / 1_000 for at in instants]
    by_family: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in series:
        by_family[OWNER.get(row["name"], row["name"])].append(row)
    for name in sorted(by_family):
        metric = CATALOGUE[name]
        family = Metric(name, metric.help, metric.kind)
        for row in by_family[name]:
            for stamp, value in zip(stamps, row["values"], strict=True):
                if value is not None:
                    family.add_sample(row["name"], {**row["labels"], **labels}, float(value), stamp)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Family(family))
        text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
        yield text.removesuffix(END)
    yield END
