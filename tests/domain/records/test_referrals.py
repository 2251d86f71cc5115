"""Who brought whom, told between partitions: exact whenever they hear of each other and whoever restarts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.facts import Facts
from service.domain.records import Partition, UnknownFormatError, WrongSecretError, deliver, ledger
from service.domain.records import partition as records_of
from service.domain.records.credits import Credit
from service.domain.records.customer import NEVER
from service.domain.records.packing import REFERRAL_VERSION, VERSION
from tests.domain.events import EVER

SECRET = b"a secret of the tests"
PARTITIONS = 3
PEOPLE = [f"customer-{number}" for number in range(5)]
NAMED = [*PEOPLE[3:], "nobody-knows"]
NEVER_NAMED = PEOPLE[:3]  # of an erased referrer the order of arrival decides
thorough = settings(max_examples=50, deadline=None)


def home(name: str) -> int:
    return sum(name.encode()) % PARTITIONS


def signed_up(name: str, at: int, referrer: str | None, event: str = "") -> Any:
    return fast.CustomerSignedUp(
        event_id=event or f"{at} {referrer}", occurred_at=at, customer_id=name, referred_by=referrer
    )


def erasure(name: str, at: int) -> Any:
    return fast.CustomerErased(event_id="please", occurred_at=at, customer_id=name)


def partition(secret: bytes = SECRET, *, heirs: bool = False) -> Partition:
    return Partition(secret=secret, home=home, heirs=heirs)


def restored(rows: Sequence[tuple[bytes, bytes | None]], secret: bytes = SECRET) -> Partition:
    made = partition(secret)
    made.restore(rows)
    made.restored()
    return made


def brought(facts: Facts, as_of: int = NEVER - 1) -> dict[str, int]:
    """How many customers whom brought, of those who brought any."""
    counts = facts.credits.brought(as_of, facts.customers)
    names = facts.names(set(np.flatnonzero(counts).tolist()))
    return {name: int(counts[number]) for number, name in names.items()}


def drawn(*houses: Partition) -> dict[str, int]:
    found: dict[str, int] = {}
    for house in houses:
        facts = Facts()
        house.undraw()
        facts.update(house.draw())
        found |= brought(facts)
    return found


def expected(events: Iterable[Any], as_of: int = NEVER - 1) -> dict[str, int]:
    """A plain loop: of each person, whoever was named first; an erasure parts one person from the next."""
    people: dict[tuple[str, int], list[Any]] = defaultdict(list)
    erased: dict[str, list[int]] = defaultdict(list)
    for event in events:
        name, at = event.customer_id, event.occurred_at
        if erased[name] and at <= erased[name][-1]:
            continue
        if isinstance(event, fast.CustomerErased):
            erased[name].append(at)
        else:
            people[name, len(erased[name])].append(event)
    counts: dict[str, int] = defaultdict(int)
    for (name, _), own in people.items():
        namings = [e for e in own if e.referred_by is not None]
        first = min((e.occurred_at for e in namings), default=NEVER)
        whom = {e.referred_by for e in namings if e.occurred_at == first}
        if len(whom) == 1 and first <= as_of and whom != {name}:
            counts[whom.pop()] += 1
    return dict(counts)


def among_customers(counts: dict[str, int], events: Iterable[Any]) -> dict[str, int]:
    """Only those who are customers have a rank."""
    known = {event.customer_id for event in events}
    return {name: count for name, count in counts.items() if name in known}


@dataclass
class House:
    """A partition with what stands in the topics about it: a worker reads, saves, and may be gone."""

    own: Partition = field(default_factory=partition)
    facts: Facts = field(default_factory=Facts)
    source: list[Any] = field(default_factory=list)
    changelog: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    heard: list[Credit] = field(default_factory=list)  # the topic of credits
    done: tuple[int, int] = (0, 0)  # of source and credits
    saved: tuple[int, int] = (0, 0)

    def read(self, most: int) -> None:
        first, told = self.done
        for event in self.source[first : first + most]:
            self.own.apply(event, EVER)
        self.done = min(first + most, len(self.source)), told

    def hear(self, most: int) -> None:
        read, first = self.done
        self.own.credited(self.heard[first : first + most])
        self.done = read, min(first + most, len(self.heard))

    def save(self, houses: list["House"]) -> None:
        """One transaction: records, positions, and what other partitions are told."""
        self.changelog += self.own.changes()
        for place, credit in self.own.credits():
            houses[place].heard.append(credit)
        self.saved = self.done

    def draw(self) -> None:
        self.facts.update(self.own.draw(2))

    def restart(self) -> None:
        """Another worker takes over: what was not saved never was."""
        self.own, self.facts, self.done = restored(self.changelog), Facts(), self.saved


houses = st.integers(0, PARTITIONS - 1)
namings = st.builds(signed_up, st.sampled_from(PEOPLE), st.integers(1, 5), st.sampled_from(NAMED))


def steps(erased: list[str]) -> st.SearchStrategy[list[Any]]:
    """What may happen in a race; only some are `erased`."""
    return st.lists(
        st.one_of(
            namings,
            namings,
            st.builds(signed_up, st.sampled_from(PEOPLE), st.integers(1, 5), st.none()),
            st.builds(erasure, st.sampled_from(erased), st.integers(1, 5)),
            st.tuples(st.sampled_from(["read", "hear"]), houses, st.integers(1, 9)),
            st.tuples(st.sampled_from(["save", "draw", "restart"]), houses),
            st.just(("rest",)),
        ),
        min_size=30,
        max_size=60,
    )


def raced(steps: list[Any]) -> tuple[list[House], list[Any]]:
    """The partitions after all these steps, once they are at rest and drawn; and the events."""
    everywhere, events = [House() for _ in range(PARTITIONS)], list[Any]()
    for step in steps:
        match step:
            case (("read" | "hear") as what, house, most):
                getattr(everywhere[house], what)(most)
            case ("rest",):
                rest(everywhere)
            case ("save", house):
                everywhere[house].save(everywhere)
            case (what, house):
                getattr(everywhere[house], what)()
            case event:
                events.append(event)
                everywhere[home(event.customer_id)].source.append(event)
    rest(everywhere)
    for house in everywhere:
        while not (draft := house.own.draw(1)).empty:
            house.facts.update(draft)
    return everywhere, events


def rest(everywhere: list[House]) -> None:
    """All is read, heard and saved."""
    for _ in range(2):  # a credit is heard once the other partition has saved
        for house in everywhere:
            house.read(len(house.source))
            house.hear(len(house.heard))
            house.save(everywhere)


@thorough
@given(steps(NEVER_NAMED))
def test_partitions_that_hear_of_each_other_at_any_time_and_restart_agree_with_a_plain_loop(
    steps: list[Any],
) -> None:
    everywhere, events = raced(steps)
    for as_of in (1, 3, 5):
        found = {k: n for house in everywhere for k, n in brought(house.facts, as_of).items()}
        assert found == among_customers(expected(events, as_of), events)


@thorough
@given(steps(PEOPLE))
def test_facts_that_follow_records_agree_with_those_that_are_made_anew_whoever_is_erased(
    steps: list[Any],
) -> None:
    for house in raced(steps)[0]:
        assert brought(house.facts) == drawn(house.own) == drawn(restored(house.changelog))


def test_a_credit_waits_for_a_customer_who_comes_later() -> None:
    house = partition()
    house.credited([Credit(house._ledger.hashes.hash("late"), b"t" * 8, 5)])
    facts = Facts()
    facts.update(house.draw())
    assert brought(facts) == {}
    house.apply(signed_up("late", 9, None), EVER)
    facts.update(house.draw())
    assert brought(facts) == {"late": 1}
    assert brought(facts, as_of=4) == {}


def test_who_names_somebody_else_earlier_takes_the_credit_back_from_the_first() -> None:
    house = partition()
    first = [signed_up("ann", 5, "bob"), signed_up("ann", 5, "bob"), signed_up("ann", 7, "cy")]
    assert house_told(house, first) == [(home("bob"), 5)]
    assert house_told(house, [signed_up("ann", 4, "cy")]) == [(home("bob"), None), (home("cy"), 4)]
    assert house_told(house, [signed_up("ann", 3, "cy")]) == [(home("cy"), 3)]
    assert house_told(house, [signed_up("ann", 3, "bob")]) == [(home("cy"), None)]  # several at once: nobody
    assert house_told(house, [signed_up("ann", 3, "cy"), signed_up("ann", 3, "ann")]) == []
    assert house_told(house, [signed_up("ann", 2, "ann")]) == []


def house_told(house: Partition, events: list[Any]) -> list[tuple[int, int | None]]:
    for event in events:
        house.apply(event, EVER)
    return [(place, credit.at) for place, credit in house.credits()]


def test_what_changes_is_told_from_the_earliest_instant_on() -> None:
    house = partition()
    ann, token = house._ledger.hashes.hash("ann"), b"t" * 8
    assert house.credited([Credit(ann, token, 9)]) == 9
    assert house.credited([Credit(ann, token, 7), Credit(ann, b"u" * 8, 8)]) == 7
    assert house.credited([Credit(ann, token, None)]) == 7
    assert house.credited([Credit(ann, token, None)]) == NEVER


few = st.sampled_from(PEOPLE[:2])
strangers = st.sampled_from([f"stranger-{number}" for number in range(12)])
histories = st.lists(
    st.one_of(
        st.builds(signed_up, strangers, st.integers(1, 9), few),
        st.builds(signed_up, few, st.integers(1, 9), st.none() | few),
        st.builds(erasure, few, st.integers(1, 9)),
    ),
    min_size=10,
    max_size=30,
)


@thorough
@given(histories, st.integers(1, 12), st.integers(0, 3))
def test_where_all_is_read_at_once_who_was_erased_keeps_what_happened_before_whenever_it_is_heard(
    history: list[Any], pause: int, seed: int
) -> None:
    """As in a replay or a rebuild: surrogates have the credits up to the erasure, the next of that name the
    later ones."""
    here = [
        Partition(secret=SECRET, home=home, heirs=True, chance=Random(n + seed).randbytes) for n in range(3)
    ]
    surrogates: dict[str, tuple[str, int]] = {}
    for number, event in enumerate(history, 1):
        owner = here[home(event.customer_id)]
        before = set(owner.names)
        owner.apply(event, EVER)
        surrogates |= {
            new: (event.customer_id, event.occurred_at)
            for new in set(owner.names) - before
            if new.startswith("erased-")
        }
        if number % pause == 0:
            deliver(dict(enumerate(here)))
    deliver(dict(enumerate(here)))
    assert drawn(*here) == by_lives(history, surrogates, {name for one in here for name in one.names})


def by_lives(history: list[Any], surrogates: dict[str, tuple[str, int]], known: set[str]) -> dict[str, int]:
    """What a plain loop says of each life of each name: by the instants of the erasures between them."""
    ends: dict[str, list[int]] = defaultdict(list)
    for event in history:
        if isinstance(event, fast.CustomerErased) and event.occurred_at > max(
            ends[event.customer_id], default=0
        ):
            ends[event.customer_id].append(event.occurred_at)
    found: dict[str, int] = {}
    for name, until in [*((name, 10) for name in PEOPLE), *surrogates.values()]:
        since = max((end for end in ends[name] if end < until), default=0)
        count = expected(history, until).get(name, 0) - expected(history, since).get(name, 0)
        called = next((new for new, life in surrogates.items() if life == (name, until)), name)
        if count and called in known:
            found[called] = count
    return found


def test_an_erased_referrer_keeps_its_credits_under_another_name_and_takes_no_more_from_before() -> None:
    house, facts = partition(), Facts()
    ann = house._ledger.hashes.hash("ann")
    for event in (signed_up("ann", 1, None), signed_up("bob", 5, "ann")):
        house.apply(event, EVER)
    house.credited(credit for _, credit in house.credits())
    facts.update(house.draw())
    assert brought(facts) == {"ann": 1}
    rows = house.changes()
    house.apply(erasure("ann", 10), EVER)
    facts.update(house.draw())
    (surrogate,) = drawn(house).keys() - {"ann", "bob"}
    assert brought(facts) == drawn(house) == {surrogate: 1}
    house.credited([Credit(ann, b"t" * 8, 9), Credit(ann, b"u" * 8, 12), Credit(ann, b"v" * 8, None)])
    house.apply(signed_up("ann", 11, None), EVER)
    facts.update(house.draw())
    assert brought(facts) == drawn(house) == {surrogate: 1, "ann": 1}
    rows += house.changes()
    assert drawn(restored(rows)) == drawn(house)


def test_when_the_mark_of_an_erasure_goes_so_does_the_hash_unless_somebody_named_it_since() -> None:
    house = partition()
    hashed = {name: house._ledger.hashes.hash(name) for name in ("ann", "bob")}
    for name in hashed:
        house.apply(erasure(name, 10), EVER)
    house.credited([Credit(hashed["bob"], b"t" * 8, 12)])
    rows = house.changes()
    house.forget_erasures(now=100, kept=50)
    house.forget_erasures(now=151, kept=50)
    left = {
        key for key, value in {**dict(rows), **dict(house.changes())}.items() if value and key[:1] == b"r"
    }
    assert left == {b"r" + hashed["bob"].hex().encode()}
    house.credited([Credit(hashed["bob"], b"u" * 8, 9)])  # nobody knows of the erasure any more
    house.apply(signed_up("bob", 13, None), EVER)
    assert drawn(house) == {"bob": 2}


def test_what_is_gone_before_it_was_drawn_is_gone_from_the_facts_when_the_name_comes_back() -> None:
    house, facts = partition(), Facts()
    for event in (signed_up("ann", 1, None), signed_up("bob", 5, "ann")):
        house.apply(event, EVER)
    house.credited(credit for _, credit in house.credits())
    facts.update(house.draw())
    house.apply(erasure("ann", 10), EVER)
    house.forget_erasures(now=100, kept=50)
    house.forget_erasures(now=151, kept=50)
    house.apply(signed_up("ann", 160, None), EVER)
    facts.update(house.draw())
    assert list(brought(facts)) == list(drawn(house)) == [name for name in drawn(house) if name != "ann"]
    assert house.draw().empty


def test_nothing_that_is_kept_or_told_of_a_referral_leads_to_anybody_once_the_customer_is_erased() -> None:
    house, person = partition(), "ada.lovelace@example.org"
    house.apply(signed_up(person, 5, "grace.hopper@example.org"), EVER)
    told = [credit for _, credit in house.credits()]
    house.credited(told)
    rows = house.changes()
    hashes = [house._ledger.hashes.hash(name) for name in (person, "grace.hopper@example.org")]
    assert not any(b"hopper" in key + (value or b"") for key, value in rows)
    assert not any(hashes[0] in b"".join((credit.referrer, credit.token)) for credit in told)
    house.apply(erasure(person, 10), EVER)
    kept = {key: value for key, value in dict([*rows, *house.changes()]).items() if value}
    assert not any(person.encode() in key + value for key, value in kept.items())
    assert not any(key[:1] == b"f" for key in kept)
    assert {key[1:].decode() for key in kept if key[:1] == b"r"} == {one.hex() for one in hashes}


def test_a_referrer_of_many_is_written_in_pieces_once() -> None:
    house, log = partition(), list[tuple[bytes, bytes | None]]()
    ann = house._ledger.hashes.hash("ann")
    house.apply(signed_up("ann", 1, None), EVER)
    for number in range(500):
        house.credited([Credit(ann, number.to_bytes(8, "big"), number + 2)])
        rows = house.changes()
        assert sum(len(value or b"") for key, value in rows if key[:1] in b"rR") < 1_100
        log += rows
    house.credited([Credit(ann, (7).to_bytes(8, "big"), None)])
    log += house.changes()
    assert drawn(house) == drawn(restored(log)) == {"ann": 499}
    house.apply(erasure("ann", 1_000), EVER)
    log += house.changes()
    assert not any(
        key[:1] == b"R" and key.endswith(ann.hex().encode()) and value for key, value in dict(log).items()
    )
    assert list(drawn(restored(list(dict(log).items()))).values()) == [499]


def test_where_nobody_asked_for_it_not_a_byte_is_kept_and_what_was_kept_goes() -> None:
    events = [signed_up("ann", 5, "bob"), signed_up("bob", 6, None), erasure("bob", 9)]
    wanted, plain = partition(), Partition(secret=SECRET, chance=Random(0).randbytes)
    for event in events:
        wanted.apply(event, EVER)
        plain.apply(event, EVER)
    assert plain.credits() == []
    assert {key[:1] for key, _ in plain.changes()} <= {b"c", b"e", b"s"}
    wanted.credited(credit for _, credit in wanted.credits())
    rows = wanted.changes()
    assert {key[:1] for key, _ in rows} > {b"f", b"h", b"r"}
    off = Partition(secret=SECRET)
    off.restore(rows)
    off.restored()
    left = {key for key, value in dict([*rows, *off.changes()]).items() if value is not None}
    assert {key[:1] for key in left} <= {b"c", b"e", b"s"}


def test_where_it_is_switched_off_no_checkpoint_deletes_more_than_fits_and_what_knows_the_secret_goes_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = partition()
    for number in range(25):
        wanted.apply(signed_up(f"customer-{number}", 5, "bob"), EVER)
    log = dict(wanted.changes())
    for module in (ledger, records_of):
        monkeypatch.setattr(module, "FORGOTTEN_AT_ONCE", 10)
    for expected in (10, 10, 6):
        assert {key[:1] for key, value in log.items() if value} >= {b"f", b"h"}
        off = Partition(secret=SECRET)  # whoever takes over goes on with what is left
        off.restore(list(log.items()))
        off.restored()
        assert off.unwritten == expected
        rows = off.changes()
        assert len(rows) == expected
        log |= dict(rows)
    assert off.changes() == []
    assert {key[:1] for key, value in log.items() if value} == {b"c"}


def test_another_secret_is_refused() -> None:
    house = partition()
    house.apply(signed_up("ann", 5, "bob"), EVER)
    rows = house.changes()
    with pytest.raises(WrongSecretError, match=r"with which referrals were kept: .*`subpulse rebuild`"):
        restored(rows, b"another secret")


def test_a_program_from_before_referrals_stops_at_their_rows_and_reads_all_others() -> None:
    house = partition()
    house.apply(signed_up("ann", 5, "bob"), EVER)
    rows = house.changes()
    assert {key[:1]: value[0] for key, value in rows if value} == {
        b"c": VERSION, b"f": REFERRAL_VERSION, b"h": REFERRAL_VERSION
    }  # fmt: skip
    for other in ("02", "03", "05"):
        with pytest.raises(UnknownFormatError, match=f"changelog of format {other}, this version reads 04;"):
            restored([(key, bytes.fromhex(other)) for key, _ in rows if key[:1] == b"f"])
