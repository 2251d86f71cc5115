"""The verdict: everything recomputed from the source topics, compared with what the workers came to.

No code of the program under test is used here, and nothing that the storm did matters.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.endurance import changelog, insights
from tests.endurance.events import AS_OF, KIND_OF, ORDERS_ALLOWED, Sent, erased_names, home, tells_of
from tests.endurance.records import recomputed
from tests.endurance.row import Row
from tests.endurance.surrogates import PREFIX, nameless
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.labels import Figures
from tests.oracle.recompute import recompute, recompute_now

ABOUT_THE_VIEW = (
    *("subpulse_as_of_timestamp_seconds", "subpulse_view_complete", "subpulse_partitions_covered_ratio"),
    "subpulse_oldest_summary_timestamp_seconds",
)
FUTURE_LIMIT = 600_000_000  # microseconds that an event may lie after its record's timestamp
# Fitted now and then, to the sums of that moment, so not of as_of; their models have an oracle of their own.
FORECAST = ("subpulse_predict", "subpulse_probability_alive")


@dataclass(frozen=True)
class Evidence:
    """What is there when the storm is over, read from the broker and asked from the workers."""

    partitions: int
    topics: Mapping[str, str]  # kind of events -> name of the source topic
    sources: Mapping[str, list[Row]]  # by kind of events
    letters: list[Row]
    changelog: list[Row]
    ends: Mapping[tuple[str, int], int]  # of the source topics
    committed: Mapping[tuple[str, int], int]  # by the workers' group
    answers: Mapping[str, dict[str, Any]]  # /api/v1/figures of each worker, by its name
    # The same of one worker, by instants of the past.
    past: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    days: int = 0  # records of the daily history
    insights: list[Row] = field(default_factory=list)  # what was said of single customers


@dataclass
class Verdict:
    """What was compared, and what was found wrong."""

    events: int = 0
    bad: int = 0
    customers: int = 0
    figures: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, condition: object, sentence: str) -> None:
        """Note `sentence` unless the condition holds."""
        if not condition:
            self.wrong.append(sentence)


def verify(sent: Iterable[Sent], found: Evidence) -> Verdict:
    """Compare everything; the verdict's list is empty when all is exact."""
    verdict = Verdict()
    good, bad = _judged(sent, found, verdict)
    verdict.events, verdict.bad = sum(map(len, found.sources.values())), len(bad)
    _compare_letters(bad, erased_names(good), found, verdict)
    _compare_positions(found, verdict)
    _compare_records(good, found, verdict)
    _compare_figures(good, found, verdict)
    _compare_past(good, found, verdict)
    _compare_insights(good, found, verdict)
    return verdict


def _judged(
    sent: Iterable[Sent], found: Evidence, verdict: Verdict
) -> tuple[list[dict], dict[str, tuple[str, Row]]]:
    """Events that can be used, and place -> (reason, row) of those that cannot."""
    known = {(s.kind, s.key, s.value, s.astray): s.reason for s in sent}
    missing = set(known)
    good: list[dict] = []
    bad: dict[str, tuple[str, Row]] = {}
    orders: dict[str, set[str]] = defaultdict(set)
    for kind, rows in found.sources.items():
        for row in rows:
            astray = row.partition != home(row.key or b"", found.partitions)
            identity = (kind, row.key, row.value, astray)
            missing.discard(identity)
            verdict.expect(identity in known, f"{kind}: nobody sent the record at {row[:2]}")
            reason = known.get(identity)
            event = None if reason else json.loads(row.value or b"")
            if event is not None and instant(event["occurred_at"]) > row.timestamp * 1_000 + FUTURE_LIMIT:
                reason, event = "future_event", None
            if event is not None and event["type"] == "order.placed":
                own = orders[event["customer_id"]]
                if event["order_id"] not in own and len(own) >= ORDERS_ALLOWED:
                    reason = "customer_limit"
                else:
                    own.add(event["order_id"])
            if reason:
                bad[f"{found.topics[kind]}/{row.partition}/{row.offset}"] = reason, row
            elif event is not None:
                good.append(event)
    verdict.expect(not missing, f"{len(missing)} records were sent and are not in the topics")
    return good, bad


def _compare_letters(
    bad: Mapping[str, tuple[str, Row]], erased: set[str], found: Evidence, verdict: Verdict
) -> None:
    """Each bad record once, and deleted exactly if it names somebody who is erased."""
    letters = [row for row in found.letters if "subpulse.reason" in row.headers]
    written = Counter((letter.key or b"").decode() for letter in letters)
    expected = Counter(list(bad))
    verdict.expect(
        written == expected,
        f"dead letters: {written.total()} for {expected.total()} bad records; "
        f"missing {_some(expected - written)}, too many {_some(written - expected)}",
    )
    for letter in letters:
        place = (letter.key or b"").decode()
        if place in bad:
            reason, row = bad[place]
            told = (letter.headers.get("subpulse.reason") or b"").decode()
            verdict.expect(told == reason, f"dead letter {place}: reason {told}, should be {reason}")
            verdict.expect(
                (letter.value, letter.headers.get("subpulse.key")) == (row.value, row.key),
                f"dead letter {place}: another key or value than the record had",
            )

    deleted = {(row.key or b"").decode() for row in found.letters if "subpulse.reason" not in row.headers}
    theirs = {place for place, (_, row) in bad.items() if tells_of(row.key, row.value, erased)}
    verdict.expect(
        deleted == theirs,
        f"letters of erased customers: {_some(theirs - deleted)} left, {_some(deleted - theirs)} deleted",
    )


def _compare_positions(found: Evidence, verdict: Verdict) -> None:
    _, _, heads = changelog.read((r.partition, r.key or b"", r.value) for r in found.changelog)
    for (topic, number), end in found.ends.items():
        committed = found.committed.get((topic, number), 0)
        head = heads[number].positions.get(topic, 0) if number in heads else 0
        verdict.expect(committed == end, f"{topic}-{number}: committed {committed} of {end}")
        verdict.expect(head == end, f"{topic}-{number}: the head record says {head} of {end}")


def _compare_records(good: list[dict], found: Evidence, verdict: Verdict) -> None:
    rows = [(r.partition, r.key or b"", r.value) for r in found.changelog]
    held, channels, _ = changelog.read(rows)
    surrogates = {place: kept for place, kept in held.items() if place[1].startswith(PREFIX)}
    customers = {place: kept for place, kept in held.items() if place not in surrogates}
    expected = recomputed(good)
    verdict.customers = len(expected.customers) + len(expected.surrogates)
    for what, there, true in (
        ("customer", customers, expected.customers),
        ("channel", channels, expected.channels),
    ):
        places = {(home(name.encode(), found.partitions), name): kept for name, kept in true.items()}
        wrong = [place for place, kept in places.items() if there.get(place) != kept]
        wrong += there.keys() - places.keys()
        verdict.expect(
            not wrong, f"{len(wrong)} of {len(places)} {what} records are wrong, such as {_some(wrong)}"
        )

    left = sorted((nameless(kept) for kept in expected.surrogates), key=repr)
    told = sorted((nameless(kept) for kept in surrogates.values() if kept), key=repr)
    verdict.expect(
        left == told and len(told) == len(surrogates),
        f"{len(surrogates)} surrogates of {len(left)} erased customers; they are not their records",
    )
    erased = sorted((home(name.encode(), found.partitions), at) for name, at in expected.erased.items())
    verdict.expect(changelog.marks(rows) == erased, "the marks of erased customers are not those expected")


def _compare_figures(good: list[dict], found: Evidence, verdict: Verdict) -> None:
    as_of = max(instant(event["occurred_at"]) for event in good)
    expected = recompute_now(as_they_came(good), as_of)
    verdict.figures = len(expected)
    verdict.expect(found.answers, "no worker was there to be asked")
    for worker, answer in found.answers.items():
        told = instant(answer["as_of"]) if answer.get("as_of") else None
        verdict.expect(told == as_of, f"{worker}: as_of {answer.get('as_of')}, should be {as_of} us")
        verdict.expect(not answer["refused_summaries"], f"{worker}: {answer['refused_summaries']}")
        wrong = differences(expected, shown(answer["figures"]))
        verdict.expect(
            not wrong,
            f"{worker}: {len(wrong)} of {len(expected)} figures differ, such as {_some(wrong)}",
        )


def _compare_past(good: list[dict], found: Evidence, verdict: Verdict) -> None:
    verdict.expect(found.days or not found.past, "no day of the history was written")
    for as_of, answer in found.past.items():
        expected = recompute(as_they_came(good), as_of)
        verdict.figures += len(expected)
        wrong = differences(expected, shown(answer["figures"])) if answer else ["nothing was told"]
        verdict.expect(
            not wrong,
            f"as of {as_of}: {len(wrong)} of {len(expected)} figures differ, such as {_some(wrong)}",
        )


def _compare_insights(good: list[dict], found: Evidence, verdict: Verdict) -> None:
    events, as_of = as_they_came(good), max(instant(event["occurred_at"]) for event in good)
    verdict.expect(found.insights, "nothing was said of any customer")
    verdict.wrong += insights.faults_of(found.insights, events, as_of, recomputed(good).erased)


def as_they_came(good: list[dict]) -> list[dict]:
    """In an order in which they may have come: who was erased came back only after that."""
    erased = recomputed(good).erased

    def returning(event: dict) -> bool:
        return instant(event["occurred_at"]) > erased.get(event.get("customer_id", ""), AS_OF * 2)

    return sorted(good, key=lambda event: (returning(event), event["type"] == "customer.erased"))


def shown(figures: list[dict[str, Any]]) -> Figures:
    """The business's figures in an answer of the API, in the oracle's shape."""
    return {
        (figure["name"], frozenset(figure["labels"].items())): figure["value"]
        for figure in figures
        if figure["name"] not in ABOUT_THE_VIEW and not figure["name"].startswith(FORECAST)
    }


def kind_of(event: dict) -> str:
    """The kind of topic that an event belongs to."""
    return KIND_OF[event["type"].split(".")[0]]


def _some(things: Iterable[Any]) -> str:
    every = sorted(map(str, things))
    return "; ".join(every[:3]) or "none"
