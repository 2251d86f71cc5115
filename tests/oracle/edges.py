"""One of each kind of fact at one instant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.instants import HOUR, instant, period
from tests.oracle.telling import cancelled, event, placed, refunded, stamp, started, sub

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def edge_of(window: str, edge: str, as_of: str) -> int:
    """The start of the previous period, s or e of a window in UTC."""
    place = ("previous", "start", "end").index(edge)
    return period(window, instant(stamp(as_of)), ZoneInfo("UTC"))[place]


def everything_at(at: int) -> list[dict]:
    """Customers to each of whom one thing happens at an instant, beside one who was there before."""

    def text(shift: int = 0) -> str:
        return (EPOCH + timedelta(microseconds=at + shift)).isoformat(timespec="microseconds")

    now, before, guarantee = text(), text(-40 * 24 * HOUR), text(-336 * HOUR)
    return [
        placed("a", now, "3 EUR", "buys"),
        placed("a", before, "5 EUR", "bought"),
        refunded("a", now, "2 EUR", "bought"),
        placed("b", before, "7 EUR", "took back"),
        cancelled("b", now, "took back"),
        placed("g", guarantee, "11 EUR", "under guarantee"),
        refunded("g", now, "1 EUR", "under guarantee"),
        placed("f", now, "0 EUR", "free"),
        event("customer.signed_up", now, "signs up"),
        started(before, customer="signs up"),
        started(now, "13 EUR", plan="starts", customer="starts"),
        started(before, "17 EUR", plan="ends", customer="ends"),
        sub("ended", now, customer="ends", reason="price"),
        started(before, "19 EUR", plan="lapses", trial=now, customer="lapses"),
        started(before, "23 EUR", plan="converts", trial=text(24 * HOUR), customer="converts"),
        sub("activated", now, customer="converts"),
        started(before, "29 EUR", plan="pauses", customer="pauses"),
        sub("paused", now, customer="pauses"),
        started(before, "31 EUR", plan="changes", customer="changes"),
        sub("changed", now, customer="changes", quantity=2),
        started(before, "37 EUR", plan="fails", customer="fails"),
        sub("payment_failed", now, customer="fails"),
        started(before, "41 EUR", plan="comes back", customer="comes back"),
        sub("ended", text(-20 * 24 * HOUR), customer="comes back"),
        started(now, "43 EUR", plan="came back", customer="comes back"),
        started(before, "47 EUR", plan="scheduled", customer="scheduled"),
        sub("cancel_scheduled", before, customer="scheduled", ends_at=now, reason="unused"),
        started(text(-HOUR), "53 EUR", plan="brief", customer="brief"),
        sub("ended", now, customer="brief"),
    ]


def alone_at(at: int) -> list[dict]:
    """Only what happens at the instant, so that it is the first activity of the whole business."""
    now = (EPOCH + timedelta(microseconds=at)).isoformat(timespec="microseconds")
    return [placed("a", now, "3 EUR"), started(now, "13 EUR")]
