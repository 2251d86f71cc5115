"""Every query of every panel has samples to show, from a real worker by way of a real Prometheus."""

import math
import time

from tests.deploy.dashboards import DASHBOARDS, Asked, chosen, queries
from tests.deploy.watched import JOB, PATIENCE, Watched

CHOICES = {"job": JOB, "window": "30d", "currency": "EUR", "__rate_interval": "5s"}


def test_every_query_returns_data(watched: Watched, capsys):
    found: dict[Asked, int] = {}
    asked, limit = list(queries()), time.monotonic() + PATIENCE
    while missing := [one for one in asked if one not in found]:
        told = "\n".join(f"{one.dashboard}, {one.panel}: {one.expression}" for one in missing)
        assert time.monotonic() < limit, f"no samples for\n{told}"
        watched.go_on()
        for one in missing:
            samples = watched.prometheus.query(chosen(one.expression, **CHOICES))
            if any(math.isfinite(sample.value) for sample in samples):
                found[one] = len(samples)
        time.sleep(0.5)
    with capsys.disabled():
        print(table(found))  # noqa: T201


def test_the_steps_of_the_waterfall_add_up(watched: Watched):
    at = time.time() - 2  # one instant for all queries, of which Prometheus has everything
    bars = {
        one.name: {
            sample.labels["step"]: sample.value
            for sample in watched.prometheus.query(chosen(one.expression, **CHOICES), at)
        }
        for one in queries()
        if one.panel.startswith("MRR in")
    }
    gains, losses = bars["gain"], bars["loss"]
    start, end = bars["level"]["1 start"], bars["level"]["7 end"]
    assert math.isclose(start + sum(gains.values()) - sum(losses.values()), end)
    (now,) = watched.prometheus.query('sum(subpulse_mrr{currency="EUR"})', at)
    assert math.isclose(end, now.value)
    assert math.isclose(bars["below"]["6 churn"], end)
    assert set(bars["below"]) == set(gains) | set(losses) | set(bars["level"])


def table(found: dict[Asked, int]) -> str:
    """Dashboard, panel, and the number of series of each of its queries."""
    lines = ["", "| dashboard | panel | series |", "|---|---|---|"]
    for uid, dashboard in DASHBOARDS.items():
        for panel in dashboard["panels"]:
            counts = [
                str(count)
                for one, count in found.items()
                if (one.dashboard, one.panel) == (uid, panel["title"])
            ]
            if counts:
                lines.append(f"| {uid.removeprefix('subpulse-')} | {panel['title']} | {' + '.join(counts)} |")
    return "\n".join(lines)
