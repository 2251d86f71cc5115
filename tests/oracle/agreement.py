"""The same events through the service's own code."""

import json
import random
import zlib

from schemas.decode import decode, key_of
from schemas.fast import Event
from service.domain.facts import Facts
from service.domain.metrics import Definitions, Summary, summarize, thresholds, total, view
from service.domain.records import Limits, Partition, deliver
from service.domain.records.customer import EVER
from tests.oracle.labels import Figures

KINDS = {"order": "orders", "subscription": "subscriptions", "customer": "customers", "spend": "marketing"}


def through_the_domain(
    events: list[dict],
    as_of: int,
    definitions: Definitions,
    *,
    partitions: int = 3,
    reach: int | None = None,
    seed: int = 0,
) -> Figures:
    """Figures of the domain: the summary of the business, divided."""
    whole = summary_of_the_domain(events, as_of, definitions, partitions=partitions, reach=reach, seed=seed)
    return as_figures(view(whole, definitions).figures)


def summary_of_the_domain(
    events: list[dict],
    as_of: int,
    definitions: Definitions,
    *,
    partitions: int = 3,
    reach: int | None = None,
    seed: int = 0,
) -> Summary:
    """What the domain adds up: decoded, applied in order, drawn now and then, restored from the changelog
    once (not where customers are ranked by referral, for what became of erased referrers is remembered in
    memory alone), summarized, packed, added up. `reach` (microseconds): how long before the newest event
    orders stay matched; None: for ever."""
    rng = random.Random(seed)
    limits = Limits(skus=definitions.magnet_skus)

    def home(name: str) -> int:
        return zlib.crc32(name.encode()) % partitions

    ranked = home if definitions.referral_ranks else None
    houses = [Partition(limits, home=ranked, heirs=True) for _ in range(partitions)]
    facts = [Facts() for _ in houses]
    changelogs: list[list[tuple[bytes, bytes | None]]] = [[] for _ in houses]
    moved = rng.randrange(len(events) + 1)
    newest = EVER
    for place, raw in enumerate(events):
        event = decoded(raw)
        number = zlib.crc32(key_of(event)) % partitions
        newest = max(newest, event.occurred_at)
        houses[number].apply(event, EVER if reach is None else newest - reach)
        if rng.random() < 0.002:
            facts[number].update(houses[number].draw(rng.choice([None, 0, 3])))
        if rng.random() < 0.002:
            changelogs[number] += houses[number].changes()
        if rng.random() < 0.02:
            deliver(dict(enumerate(houses)))
        if place == moved and ranked is None:
            for n, house in enumerate(houses):
                changelogs[n] += house.changes()
                houses[n], facts[n] = Partition(limits), Facts()
                houses[n].restore(changelogs[n])
                houses[n].restored()
    deliver(dict(enumerate(houses)))
    for house, columns in zip(houses, facts, strict=True):
        columns.update(house.draw())
    summaries = [summarize(columns, as_of, definitions) for columns in facts]
    if definitions.magnet_skus and (found := thresholds(total(summaries), 1)) is not None:
        summaries = [summarize(columns, as_of, definitions, thresholds=[found]) for columns in facts]
    summaries = [Summary.unpack(summary.pack()) for summary in summaries]
    whole = summaries.pop(rng.randrange(partitions))
    for summary in rng.sample(summaries, len(summaries)):
        whole = whole + summary
    return whole


def decoded(raw: dict) -> Event:
    """An event of the contract as the service reads it."""
    return decode(KINDS[raw["type"].split(".")[0]], json.dumps(raw, ensure_ascii=False).encode())


def as_figures(rows: object) -> Figures:
    """Figures of a view in the oracle's shape; a figure listed twice is an error."""
    found: Figures = {}
    for name, labels, value in rows:  # type: ignore[attr-defined]
        key = (name, frozenset(labels))
        assert key not in found, f"{name} {dict(labels)} is listed twice"
        found[key] = value
    return found
