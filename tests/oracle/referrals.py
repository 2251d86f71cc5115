"""Who brought how many customers: of each person, whoever the earliest sign-up that names anybody names."""

from collections import Counter

from tests.oracle.instants import instant

Lives = dict[str, tuple[list[dict], int | None]]
"""By a name of its own: the events of a person, and when it was erased; see `people.apart`."""


def brought(lives: Lives, as_of: int) -> Counter[str]:
    """By the names in `lives`, those who brought any. Who names itself, or several at once, brought nobody;
    who was erased has brought whoever named it up to then."""
    counts: Counter[str] = Counter()
    for own, _ in lives.values():
        namings = [
            (instant(event["occurred_at"]), event["referred_by"])
            for event in own
            if event["type"] == "customer.signed_up" and event.get("referred_by") is not None
        ]
        first = min(namings, default=(as_of + 1, ""))[0]
        whom = {name for at, name in namings if at == first}
        if first <= as_of and len(whom) == 1 and whom != {own[0]["customer_id"]}:
            counts[_life(lives, whom.pop(), first)] += 1
    return counts


def _life(lives: Lives, name: str, at: int) -> str:
    """What the person is called in `lives` who had this name then."""
    ends = [erased for life, (_, erased) in lives.items() if erased and life == f"{name} until {erased}"]
    return next((f"{name} until {end}" for end in sorted(ends) if at <= end), name)
