"""`./dev bench embedded`: both places do the job, and one that does not is found out."""

import pytest

from benchmarks.embedded import __main__ as command
from benchmarks.embedded import measuring
from benchmarks.embedded.measuring import PLACES, Found, LostError, measure
from benchmarks.embedded.stores import Memory
from keeping import page

CUSTOMERS, ORDERS = 150, 2_000


class Forgetful(Memory):
    """One that keeps no order."""

    def add(self, orders):
        pass


@pytest.mark.parametrize("place", PLACES)
def test_every_order_is_in_its_record(place):
    assert measure(place, CUSTOMERS, ORDERS).cpu > 0


def test_a_place_that_loses_orders_is_not_measured(monkeypatch):
    monkeypatch.setitem(measuring.PLACES, "memory", Forgetful)
    with pytest.raises(LostError, match="12 orders of c-0000000 instead of 26"):
        measure("memory", CUSTOMERS, ORDERS)


def test_the_medians_are_put_where_the_page_has_marks_for_them(tmp_path, monkeypatch):
    text = (page.DOCS / command.FILE).read_text("utf-8")
    (tmp_path / command.FILE).write_text(text, "utf-8")
    monkeypatch.setattr(page, "DOCS", tmp_path)
    cpu = iter((1.0, 9.0, 3.0, 8.0, 1.5, 7.0))
    monkeypatch.setattr(command, "apart", lambda *case: Found(next(cpu), 1_250.0, 0.0))
    monkeypatch.setattr("sys.argv", ["embedded", "--customers=5000", "--rounds=3", "--write"])
    command.main()
    written = page.written(command.NAME, command.FILE)
    assert "| 5,000 | memory | 1.50 | 1,250 | 0 |" in written
    assert "| 5,000 | RocksDB | 8.00 | 1,250 | 0 |" in written
    before, after = text.split(page.marks(command.NAME)[0])[0], text.split(page.marks(command.NAME)[1])[1]
    assert (tmp_path / command.FILE).read_text("utf-8").startswith(before)
    assert (tmp_path / command.FILE).read_text("utf-8").endswith(after)
