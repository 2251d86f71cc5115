"""Magnet products (definitions.md section 6), customer by customer."""

from bisect import bisect_left
from collections import Counter, defaultdict
from fractions import Fraction

from tests.oracle.labels import Sheet
from tests.oracle.money import minor_units
from tests.oracle.people import Person
from tests.oracle.value import hundredths

SHOWN = 20
LEAST_BUYERS = 30


def magnet_figures(sheet: Sheet, people: dict[str, Person], kept: int, label_limit: int) -> None:
    """`kept`: how many products of a customer count, those bought first."""
    worth: dict[str, list[tuple[int, Person]]] = defaultdict(list)
    for person in people.values():
        if person.orders:
            placed = Counter(order.currency for order in person.orders)
            main = min(placed, key=lambda currency: (-placed[currency], currency))
            worth[main].append((hundredths(person.net_revenue()[main] * minor_units(main)), person))
    best: list[Person] = []
    worst: list[Person] = []
    for buyers in worth.values():
        ranked = sorted(value for value, _ in buyers)
        for value, person in buyers:
            better_than = Fraction(bisect_left(ranked, value), len(ranked))
            best += [person] * (better_than >= Fraction(4, 5))
            worst += [person] * (better_than < Fraction(1, 5))
    buyers_of = Counter(sku for person in people.values() for sku in person.first_skus(kept))
    if not best or not worst:
        return
    lifts = {}
    for sku, number in buyers_of.items():
        if number >= LEAST_BUYERS:
            of_best = len([1 for person in best if sku in person.first_skus(kept)])
            of_worst = len([1 for person in worst if sku in person.first_skus(kept)])
            lifts[sku] = Fraction(of_best + 1, len(best)) / Fraction(of_worst + 1, len(worst))
    for sku in sorted(lifts, key=lambda sku: (-lifts[sku], sku))[: min(SHOWN, label_limit)]:
        sheet.put("magnet_lift", lifts[sku], sku=sku)
