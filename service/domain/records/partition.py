"""All records of one partition number: apply an event, say what changed, restore what was."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any

from schemas import fast
from schemas.fast import OCCURRED_AT
from schemas.topics import Kind
from service.domain.records import transitions
from service.domain.records.credit_key import CreditKey
from service.domain.records.credits import Credit
from service.domain.records.customer import EVER, NEVER, Channel, Credits, Customer, Record
from service.domain.records.draft import Draft, Referrers
from service.domain.records.erasure import Chance, Mark, Salt
from service.domain.records.ledger import FORGOTTEN_AT_ONCE, FreshOrders, Ledger
from service.domain.records.living import Living
from service.domain.records.ordering import Ordering
from service.domain.records.outcome import Limits, Outcome, applied
from service.domain.records.packing import Assembly, Row, pack, removed
from service.domain.records.placing import Placing
from service.domain.records.referrals import Home, Referral
from service.domain.records.sayings import Said, Sayings, Watch
from service.domain.records.skus import Sku
from service.domain.records.spending import Spending


class Partition:
    """The customers and channels of one partition number. Not for use by several threads at once."""

    def __init__(
        self,
        limits: Limits | None = None,
        secret: bytes = b"",
        chance: Chance = secrets.token_bytes,
        home: Home | None = None,
        *,
        heirs: bool = False,
    ) -> None:
        """`secret`: what nobody must know who wants to guess names by their hashes. `home`: the partition of
        a customer, where customers are ranked by referral. `heirs`: whether it is remembered, in memory
        alone, what became of those who are erased, so that credits from before it find them later; of use
        where everything is read at once, in whatever order."""
        limits = limits or Limits()
        self.watermark: int | None = None
        self._anew = False
        self._ledger = ledger = Ledger(secret, chance, limits.skus, home, heirs=heirs)
        self._held: Mapping[type[Record], MutableMapping[str, Any]] = {
            Customer: ledger.customers,
            Channel: ledger.channels,
            Mark: ledger.marks.held,
            Salt: ledger.marks.salts,
            Sku: ledger.skus.held,
            Said: ledger.sayings.held,
            Watch: ledger.sayings.watches,
            CreditKey: ledger.hashes.held,
            Referral: ledger.referrals.held,
            Credits: ledger.credited.held,
        }
        self._assembly: Assembly | None = None
        ordering, living, spending = Ordering(ledger, limits), Living(ledger, limits), Spending(ledger)
        self._placed_all = Placing(ledger, limits, ordering.placed).place
        self._handlers: dict[type, Callable[[Any, int], Outcome]] = {
            fast.OrderRefunded: self._unless_erased(ordering.refunded),
            fast.OrderCancelled: self._unless_erased(ordering.cancelled),
            fast.CustomerSignedUp: self._unless_erased(living.signed_up),
            fast.CustomerInvited: self._unless_erased(living.invited),
            fast.CustomerErased: self._unless_erased(living.erased),
            fast.SpendRecorded: spending.recorded,
            **dict.fromkeys(transitions.EVENTS, self._unless_erased(living.transition)),
        }

    def _unless_erased(self, handle: Callable[[Any, int], Outcome]) -> Callable[[Any, int], Outcome]:
        """Have events judged first that may have happened before their customer's erasure. No closure: a copy
        of a partition has to handle its events itself."""
        return partial(self._judged, handle)

    def _judged(self, handle: Callable[[Any, int], Outcome], event: Any, horizon: int) -> Outcome:
        ledger = self._ledger
        if ledger.marks.held and ledger.too_late(event.customer_id, event.occurred_at):
            return Outcome.ERASED
        return handle(event, horizon)

    @property
    def customers_held(self) -> int:
        """How many customers have a record."""
        return len(self._ledger.customers)

    def strangers(self, names: Sequence[str]) -> set[str]:
        """Those of the customers that have no record: mostly none, which is found without a set of all."""
        held = self._ledger.customers.held
        return set() if all(map(held.__contains__, names)) else set(names).difference(held)

    def customer(self, name: str) -> Customer | None:
        """A copy of a customer's record; None if there is none."""
        customers = self._ledger.customers
        return customers.snapshot(name) if name in customers else None

    def credits_of(self, name: str) -> Credits | None:
        """A copy of who named this customer as referrer; None where nobody did."""
        held = self._ledger.credited.held
        found = held.get(self._ledger.hashes.hash(name).hex()) if held else None
        return None if found is None else found.snapshot()

    @property
    def names(self) -> list[str]:
        """The keys of all customers' records."""
        return list(self._ledger.customers)

    def erased_at(self, name: str) -> int | None:
        """When the customer of this name was erased last, as far as marks tell."""
        return self._ledger.marks.erased_at(name)

    @property
    def unwritten(self) -> int:
        """About how many rows `changes` would return."""
        ledger = self._ledger
        changed = sum(map(len, ledger.changed.values()))
        gone = len(ledger.gone) + min(len(ledger.forgotten), FORGOTTEN_AT_ONCE)
        return changed + gone + ledger.rewritten_pieces + len(ledger.referrals.waiting)

    @property
    def late(self) -> Counter[Kind]:
        """Events older than the newest of their customer, by topic, since the start."""
        return self._ledger.late

    def apply(self, event: Any, horizon: int) -> Outcome:
        """Fold one event (a struct of `schemas.fast`) into the records.

        `horizon`: the instant (microseconds) before which orders are no longer matched.
        Returns what became of the event; with LIMIT nothing was changed.
        """
        outcomes: list[Outcome] = []
        self.apply_all([event], horizon, outcomes)
        return outcomes[0]

    def apply_all(self, events: Sequence[Any], horizon: int, outcomes: list[Outcome]) -> None:
        """Fold many events, in their order, as `apply` does one; fills the empty list `outcomes`.

        When it raises, `outcomes` says how many events had been folded before the one that it raised on.
        """
        for kind, run in _runs(events):
            if kind is fast.OrderPlaced:
                self._placed_all(run, horizon, outcomes)
            else:
                handle = self._handlers[kind]
                for event in run:
                    outcomes.append(handle(event, horizon))
        newest = max(map(OCCURRED_AT, applied(events, outcomes)), default=None)
        if self.watermark is None or (newest is not None and newest > self.watermark):
            self.watermark = newest

    def changes(self) -> list[Row]:
        """The changelog rows (key, value; None is a tombstone) of what changed since the last call."""
        return list(self.each_change())

    def each_change(self) -> Iterator[Row]:
        """As `changes`, but customers are packed only as their rows are asked for: all rows at once take more
        memory than the records. Nothing may be applied until the last one is there."""
        ledger, rows = self._ledger, list[Row]()
        for kind, name, sealed in ledger.deleted():
            rows.extend(removed(kind, name, sealed))
        changed, ledger.changed = ledger.changed, {kind: set() for kind in self._held}
        customers = changed.pop(Customer)
        for kind, names in changed.items():
            held = self._held[kind]
            rows.extend(row for name in names for row in pack(name, held[name], rewritten=False))
        rewritten, ledger.rewritten, ledger.rewritten_pieces = ledger.rewritten, set(), 0
        return chain(rows, self._customer_rows(customers, rewritten))

    def _customer_rows(self, names: set[str], rewritten: set[str]) -> Iterator[Row]:
        customers = self._ledger.customers
        for name in names:
            customer = customers.seen(name)
            yield from pack(name, customer, rewritten=name in rewritten)
            if customer.sealed:  # no buyer any more
                customers[name] = customer

    def restore(self, rows: Sequence[Row]) -> None:
        """Take rows of the changelog, in its order; the last value of a key counts. `restored` ends it: until
        then records may lack what was taken last.

        Raises:
            UnknownFormatError: a row was written by another format version.
        """
        if self._assembly is None:
            self._assembly = Assembly(self._held)
        self._ledger.sayings.start_over()
        self._read(self._assembly.add(rows))

    def _read(self, read: list[tuple[type[Record], str]]) -> None:
        self._ledger.came_back({name for kind, name in read if kind is Customer})
        self._ledger.undrawn_channels.update(name for kind, name in read if kind is Channel)
        self._ledger.credited.undrawn.update(name for kind, name in read if kind is Credits)

    def restored(self) -> None:
        """The end of the changelog has been reached.

        Raises:
            WrongSecretError: customers were marked as erased, or referrals kept, with another secret.
        """
        if self._assembly is not None:
            self._read(self._assembly.end())
            if self._assembly.removed:
                self.undraw()
                self._ledger.fresh, self._anew = FreshOrders(), True
        self._assembly = None
        self._ledger.marks.use_salt()
        self._ledger.marks.verify()
        if self._ledger.referrals.wanted:
            self._ledger.hashes.verify()
        else:
            self._ledger.forget_referrals()
        self._ledger.find_oldest()
        newest = (record.newest for held in self._held.values() for record in held.values())
        self.watermark = max((at for at in newest if at != EVER), default=None)

    @property
    def fresh(self) -> int:
        """How many new orders may be drawn alone, before all else: none where all comes anew."""
        return 0 if self._anew else len(self._ledger.fresh.names)

    @property
    def all_drawn(self) -> bool:
        """Whether everything that was applied has been drawn."""
        ledger = self._ledger
        waiting = (
            *(ledger.undrawn_orders, ledger.undrawn_lives, ledger.undrawn_channels, ledger.undrawn_skus),
            *(ledger.credited.undrawn, ledger.fresh),
        )
        return not (any(waiting) or self._anew)

    def draw(self, limit: int | None = None) -> Draft:
        """Snapshots of records whose facts may have changed since they were last drawn.

        `limit`: at most so many of each kind, so that the caller is not held up for long; empty at the end.
        New orders are all drawn, always: a snapshot drawn later would contain them once more.
        """
        ledger = self._ledger
        fresh, ledger.fresh = ledger.fresh, FreshOrders()
        anew, self._anew = self._anew, False
        snapshot, lives = ledger.customers.snapshot, _taken(ledger.undrawn_lives, limit)
        orders = {name: snapshot(name) for name in _taken(ledger.undrawn_orders, limit)}
        said = ledger.sayings.held
        return Draft(
            fresh,
            orders,
            {name: orders.get(name) or snapshot(name) for name in lives},
            {name: ledger.channels[name].snapshot() for name in _taken(ledger.undrawn_channels, limit)},
            anew,
            {name: snapshot(name) for name in _taken(ledger.undrawn_skus, limit)},
            ledger.skus.names() if ledger.skus.undrawn else None,
            tuple(name for name in {*fresh.names, *orders, *lives} if name in said) if said else (),
            self._referrers(limit),
        )

    def _referrers(self, limit: int | None) -> Referrers | None:
        ledger = self._ledger
        if not ledger.referrals.wanted:
            return None
        held, names = ledger.credited.held, _taken(ledger.credited.undrawn, limit)
        credits = {n: held[n].snapshot() if n in held else Credits() for n in names}
        return Referrers(credits, ledger.hashes.hash)

    def undraw(self) -> None:
        """Have every record drawn again, as if none had ever been."""
        self._ledger.undrawn_orders = set(self._ledger.customers)
        self._ledger.undrawn_lives = set(self._ledger.customers)
        self._ledger.undrawn_channels = set(self._ledger.channels)
        self._ledger.undrawn_skus = set(self._ledger.customers if self._ledger.skus.most else ())
        self._ledger.skus.undrawn = True
        self._ledger.credited.undrawn = set(self._ledger.credited.held)

    def credits(self) -> list[tuple[int, Credit]]:
        """What other partitions, and this one, are to be told of whom customers named, since the last call;
        to be kept where `changes` are."""
        return self._ledger.referrals.told()

    def credited(self, credits: Iterable[Credit]) -> int:
        """Take what partitions tell of whom their customers named, of each partition in its order; the
        earliest instant as of which that changes anything, NEVER if there is none."""
        return min([self._ledger.credited.take(credit) for credit in credits], default=NEVER)

    @property
    def sayings(self) -> Sayings:
        """What has been said of customers, and what waits to be said."""
        return self._ledger.sayings

    def found(self, findings: Mapping[str, list[Any]], as_of: int, then: Watch) -> None:
        """Take over what was found of customers as they were last drawn: see `Sayings.found`. Nothing is said
        of who was erased since, nor of what was left of anybody."""
        erased = {old for _, old, _ in self._ledger.fresh.renamed}
        told = {name: own for name, own in findings.items() if name not in erased and self._is_somebody(name)}
        self._ledger.sayings.found(told, as_of, then)

    def _is_somebody(self, name: str) -> bool:
        customer = self._ledger.customers.held.get(name)
        return customer is not None and customer.erased_at is None

    def forget_erasures(self, now: int, kept: int) -> None:
        """Let marks of erased customers go that have stood for `kept` microseconds at the instant `now`.

        To be called while nothing that the sources hold waits to be applied: a mark's time begins then.
        """
        self._ledger.forget_marks(now, kept)

    def traces_wanted(self) -> dict[str, int]:
        """Erasures whose customers may still be named by dead letters and insights: hash of the name to
        instant."""
        return self._ledger.marks.traces_wanted()

    def traces_deleted(self, wanted: dict[str, int]) -> None:
        """Dead letters and insights of these erasures are deleted with what `changes` returns next."""
        self._ledger.marks.traces_deleted(wanted)

    def hash(self, name: str) -> str:
        """What stands for an erased customer's name in this partition."""
        return self._ledger.marks.hash(name)


def deliver(partitions: Mapping[int, Partition]) -> None:
    """Have partitions that are all here tell each other whom their customers named."""
    for partition in partitions.values():
        for place, credit in partition.credits():
            partitions[place].credited([credit])


def _runs(events: Sequence[Any]) -> Iterable[tuple[type, Iterable[Any]]]:
    """The events in their order, as runs of one type; mostly there is one, found without a step for each."""
    kinds = set(map(type, events))
    return [(kind, events) for kind in kinds] if len(kinds) == 1 else groupby(events, type)


def _taken(names: set[str], limit: int | None) -> list[str]:
    """Names taken out of the set: all of them, or as many as `limit`."""
    if limit is None or limit >= len(names):
        taken = list(names)
        names.clear()
        return taken
    return [names.pop() for _ in range(limit)]
