"""Ports that are picked one after the other before anybody listens on them."""

from service.embedded import ports


def test_a_port_that_is_promised_is_not_picked_again(monkeypatch):
    monkeypatch.setattr(ports, "_AUTOMATIC", range(29_990, 29_992))
    assert {ports.free_port(29_990) for _ in range(30)} == {29_991}
