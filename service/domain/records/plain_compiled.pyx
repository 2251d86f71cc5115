# cython: language_level=3, boundscheck=False, wraparound=False
"""`keep_plain` of plain.py once more, compiled. What it does is said there; tests hold both to the same."""

from sys import byteorder

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint16_t
from libc.string cimport memcmp, memcpy
from xxhash import xxh3_64_digest

from service.domain.records.customers import Buyer
from service.domain.records.identity import SIZE
from service.domain.records.outcome import Outcome
from service.domain.records.rows import NUMBERS, ORDER

cdef enum:
    KEY = 8
    ROW = 26  # a row of ORDER: key, instant, minor amount, number of the currency

if byteorder != "little":  # rows are, and here they are made of the machine's own numbers
    raise ImportError("compiled for machines that put the lowest byte first")
if KEY != SIZE or ROW != ORDER.itemsize:
    raise ImportError("compiled for rows of another layout")

APPLIED = Outcome.APPLIED


def keep_plain(
    ledger, Py_ssize_t room, list events, Py_ssize_t first, int64_t horizon, kept, list outcomes
):
    """See `plain.keep_plain`."""
    cdef:
        Py_ssize_t i, size
        Py_ssize_t late = 0
        int64_t at, minor
        int64_t oldest = kept.oldest
        uint16_t number
        bint ripening = ledger.oldest < horizon
        bint stocked = ledger.skus.most > 0
        dict held = ledger.customers.held
        list names = kept.names, fresh = kept.fresh
        bytearray rows = kept.rows
        bytes key, orders, row, grown
        char* put
    ripe_at, marks, erased_at = ledger.ripeness.at, ledger.marks.held, ledger.marks.erased_at
    for i in range(first, len(events)):
        event = events[i]
        name, instant = event.customer_id, event.occurred_at
        at = instant
        customer = held.get(name)
        if customer is None:
            customer = Buyer()
        log = customer.orders
        orders = log if type(log) is bytes else bytes(log)
        # As `identity` has it: a call of Python's here would also let other threads in, order by order.
        size, key = PyBytes_GET_SIZE(orders), xxh3_64_digest((<str>event.order_id).encode())
        if (
            at < horizon
            or size >= room
            or _holds(PyBytes_AS_STRING(orders), size, PyBytes_AS_STRING(key))
            or (ripening and ripe_at(name, customer) < horizon)
            or (marks and (customer.back_since is not None or (size == 0 and erased_at(name) is not None)))
        ):
            break
        amount, channel = event.amount, event.channel
        minor, number = amount.minor, NUMBERS[amount.currency]
        grown = PyBytes_FromStringAndSize(NULL, size + ROW)
        put = PyBytes_AS_STRING(grown)
        memcpy(put, PyBytes_AS_STRING(orders), size)
        put += size
        memcpy(put, PyBytes_AS_STRING(key), KEY)
        memcpy(put + KEY, &at, 8)
        memcpy(put + KEY + 8, &minor, 8)
        memcpy(put + KEY + 16, &number, 2)
        customer.orders = grown
        if size == 0:
            held[name] = customer
        if at >= <int64_t>customer.newest:
            customer.newest = instant
        else:
            late += 1
        if at < oldest:
            oldest = at
        if customer.refunds or customer.cancellations:
            ledger.undrawn_orders.add(name)
            ledger.ripeness.row_added(name, instant)
        else:
            fresh.append(name)
            rows += put[:ROW]
        if channel is not None and at <= <int64_t>customer.any_channel_at:
            ledger.seen_on(name, customer, instant, channel)
        if stocked and event.items:
            ledger.bought(name, ledger.customers[name], event)
        names.append(name)
        outcomes.append(APPLIED)
    else:
        i = len(events)
    kept.late += late
    kept.oldest = oldest
    return i


cdef bint _holds(const char* log, Py_ssize_t size, const char* key) noexcept:
    """Whether a row of the log begins with the key."""
    cdef Py_ssize_t row
    for row in range(0, size, ROW):
        if memcmp(log + row, key, KEY) == 0:
            return True
    return False
