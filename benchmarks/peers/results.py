"""What the rounds of all variants come to: medians with their spread."""

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from benchmarks.peers.engines import Variant
from benchmarks.peers.running import Round

FLOOR = "aiokafka floor"


class Spread(NamedTuple):
    """The median of some rounds, between the lowest and the highest."""

    middle: float
    lowest: float
    highest: float


class Result(NamedTuple):
    """One variant, over its rounds."""

    variant: Variant
    rounds: int
    events_per_second: Spread
    events_per_cpu_second: Spread
    resident: float  # bytes
    first_result: float  # seconds
    of_floor: float | None  # share of the floor per CPU second; None where it was not run


def results(found: Mapping[Variant, list[Round]]) -> list[Result]:
    """One for each variant that has rounds, the fastest per CPU second first."""
    floor = next((rounds for variant, rounds in found.items() if variant.key == FLOOR and rounds), None)
    base = median([one.events_per_cpu_second for one in floor]) if floor else None
    told = [_result(variant, rounds, base) for variant, rounds in found.items() if rounds]
    return sorted(told, key=lambda result: -result.events_per_cpu_second.middle)


def as_json(told: list[Result]) -> list[dict[str, object]]:
    """As `./dev bench --json` writes it, with memory and start besides."""
    return [
        {
            "engine": result.variant.engine,
            "variant": result.variant.name,
            "events_per_second": round(result.events_per_second.middle),
            "events_per_cpu_second": round(result.events_per_cpu_second.middle),
            "resident_bytes": round(result.resident),
            "seconds_to_first_result": round(result.first_result, 2),
            "rounds": result.rounds,
        }
        for result in told
    ]


def _result(variant: Variant, rounds: list[Round], base: float | None) -> Result:
    per_cpu = _spread([one.events_per_cpu_second for one in rounds])
    return Result(
        variant,
        len(rounds),
        _spread([one.events_per_second for one in rounds]),
        per_cpu,
        median([one.resident for one in rounds]),
        median([one.first_result for one in rounds]),
        per_cpu.middle / base if base else None,
    )


def _spread(values: list[float]) -> Spread:
    return Spread(median(values), min(values), max(values))
