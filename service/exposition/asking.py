"""Questions that are answered from the sums behind the figures: their query parameters, and the answers.

Pure. A `Shown` without sums has no answers; who calls makes sure that there are some.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from schemas.instants import format_instant
from service.domain.metrics import Definitions, Summary
from service.domain.metrics.cohorts import cohorts as computed
from service.domain.metrics.customers import BASES
from service.domain.metrics.view import bounded_tally
from service.domain.what_if import Question, answer

_NUMBERS = ("retention_points", "aov_percent", "minimum_order", "price_percent")
_TEXTS = ("currency", "plan")


def what_if(summary: Summary, definitions: Definitions, query: Mapping[str, str]) -> dict[str, Any]:
    """What /api/v1/what-if answers.

    Raises:
        ValueError: a parameter is unknown or wrong; the text is a sentence for whoever asked.
    """
    found = answer(summary, definitions, question_of(query))
    return {"as_of": format_instant(summary.as_of), **asdict(found)}


def cohorts(summary: Summary, definitions: Definitions, query: Mapping[str, str]) -> dict[str, Any]:
    """What /api/v1/cohorts answers; `basis` chooses one of the two.

    Raises:
        ValueError: a parameter is unknown or wrong; the text is a sentence for whoever asked.
    """
    if others := query.keys() - {"basis"}:
        raise ValueError(f"{min(others)}: there is no such parameter; there is basis")
    if (basis := query.get("basis")) not in (None, *BASES):
        raise ValueError(f"basis: expected one of {', '.join(BASES)}")
    found = computed(bounded_tally(summary, definitions), definitions, summary.as_of)
    return {
        "as_of": format_instant(summary.as_of),
        "cohorts": [asdict(cohort) for cohort in found if basis in (None, cohort.basis)],
    }


def question_of(query: Mapping[str, str]) -> Question:
    """The question that query parameters ask; see `what_if` for what is raised."""
    known = (*_NUMBERS, *_TEXTS)
    for name in query:
        if name not in known:
            raise ValueError(f"{name}: there is no such parameter; there are {', '.join(known)}")
    fields: dict[str, Any] = {name: query[name] for name in _TEXTS if name in query}
    for name in _NUMBERS:
        if name in query:
            try:
                fields[name] = float(query[name])
            except ValueError:
                raise ValueError(f"{name}: {query[name]!r} is not a number") from None
    return Question(**fields)
