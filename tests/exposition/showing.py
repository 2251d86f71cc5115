"""A worker's insides with real figures in them, without a broker."""

import json
import time
from typing import Any

from schemas.decode import key_of
from service.domain.metrics import Definitions, View
from service.domain.records import Limits
from service.figures.desk import Desk
from service.figures.views import Shown, Views
from service.partitioner import partition_of
from service.replay import Line, Replayed, replay
from service.stream.owned import Owned
from service.stream.status import Status
from service.stream.telemetry import PartitionGauges, Telemetry
from tests.oracle.agreement import decoded
from tests.oracle.businesses import business

AS_OF = 1_716_928_000_000_000
TOPICS = ("orders", "subscriptions", "customers", "marketing")


def real(windows: tuple[str, ...] = ("24h", "30d", "last_month")) -> Replayed:
    events = business(31, AS_OF, customers=50)
    lines = [Line("f", n, json.dumps(event).encode()) for n, event in enumerate(events)]
    return replay(lines, Definitions(windows=windows), AS_OF, AS_OF + 10**16)


def real_view(windows: tuple[str, ...] = ("24h", "30d", "last_month")) -> View:
    return real(windows).view


def shown(view: View, **changed: Any) -> Shown:
    return Shown(
        **{"view": view, "complete": True, "covered": 1.0, "oldest_summary": AS_OF + 250_000, **changed}
    )


def healthy() -> Status:
    now = time.monotonic()
    return Status(
        phase="running",
        assigned=frozenset({0, 3}),
        recovered=True,
        taken_at=now - 1_000,
        broker_seen_at=now,
        committed_at=now,
        refreshed_at=now,
    )


def busy() -> Telemetry:
    telemetry = Telemetry.of(TOPICS)
    telemetry.events["orders", "applied"] = 1_234
    telemetry.events["orders", "rejected"] = 2
    telemetry.rejected["orders", "invalid"] = 2
    telemetry.late["orders"] = 7
    telemetry.delay["orders"].observe(0.05)
    telemetry.delay["orders"].observe(1e9)
    telemetry.refresh.observe(0.3)
    telemetry.partitions = {0: PartitionGauges(10, 5_000_000, {"orders": 7}), 3: PartitionGauges(0, None)}
    return telemetry


def views_of(status: Status, *told: Shown) -> Views:
    views = Views(status, 5.0)
    for one in told:
        views.show(one)
    return views


def desk_of(*parts: Owned, partitions: int = 4, definitions: Definitions | None = None) -> Desk:
    """A desk of these partitions, at AS_OF."""
    held = {owned.number: owned for owned in parts}
    return Desk(lambda: held, lambda: AS_OF, definitions or Definitions(), partitions)


def holding(number: int, events: list[dict], partitions: int = 4, reach: int = 10**18) -> Owned:
    """A partition of so many with its share of these events, read to its end. `reach`: how long before the
    event that comes orders stay matched."""
    owned = Owned(number, Limits())
    share = [one for one in map(decoded, events) if partition_of(key_of(one), partitions) == number]
    for one in share:
        owned.records.apply(one, one.occurred_at - reach)
    owned.facts.update(owned.records.draw())
    owned.source_ends, owned.drawn = {"orders": 0}, True
    return owned
