"""What differs between two sets of figures."""

import math
from fractions import Fraction

from tests.oracle.labels import Figures


def differences(expected: Figures, found: Figures, relative: float = 1e-9) -> list[str]:
    """What differs, one line each: missing, too much, or another value."""
    lines = []
    for key in sorted(expected.keys() | found.keys(), key=lambda key: (key[0], sorted(key[1]))):
        name, labels = key[0], dict(sorted(key[1]))
        if key not in found:
            lines.append(f"{name} {labels}: expected {_shown(expected[key])}, not listed")
        elif key not in expected:
            lines.append(f"{name} {labels}: found {found[key]}, not expected")
        elif not _equal(expected[key], found[key], relative):
            lines.append(f"{name} {labels}: expected {_shown(expected[key])}, found {found[key]}")
    return lines


def _equal(expected: object, found: object, relative: float) -> bool:
    if expected is None or found is None:
        return expected is found
    assert isinstance(expected, Fraction | int | float)
    assert isinstance(found, int | float)
    if isinstance(expected, int):
        return expected == found
    return math.isclose(float(expected), float(found), rel_tol=relative, abs_tol=0.0)


def _shown(value: object) -> str:
    return f"{float(value)!r}" if isinstance(value, Fraction) else repr(value)
