"""What a worker counts about itself."""

from service.stream.telemetry import Histogram


def test_an_observation_counts_at_the_first_bound_that_holds_it() -> None:
    histogram = Histogram((1.0, 2.0))
    for seconds in (0.0, 1.0, 1.5, 2.0, 9.0):
        histogram.observe(seconds)
    assert histogram.counts == [2, 2, 1]
    assert (histogram.count, histogram.sum) == (5, 13.5)


def test_delays_of_a_chunk_count_as_if_they_were_observed_one_by_one() -> None:
    chunk, single, now = Histogram((0.5, 1.0, 60.0)), Histogram((0.5, 1.0, 60.0)), 100_000_000
    instants = [now, now - 500_000, now - 500_001, now - 1_000_000, now - 61_000_000, now + 7]
    chunk.observe_delays(instants, now)
    for instant in instants:
        single.observe(max(now - instant, 0) / 1e6)
    assert chunk.counts == single.counts
    assert abs(chunk.sum - single.sum) < 1e-9
