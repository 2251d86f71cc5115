"""Where a likelihood is greatest: one search for all models, over positive parameters."""

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
from scipy.optimize import OptimizeResult, minimize

LogLikelihood = Callable[[np.ndarray], float]

_REACH = np.log(1e4)  # how far a parameter may lie from where the search begins, either way
_FURTHER = np.log(1e5)
_EDGE = 0.01
_FLAT = 0.1  # of log likelihood: no data tell such parameters apart


class Maximum(NamedTuple):
    """The parameters, and the log likelihood there."""

    parameters: tuple[float, ...]
    log_likelihood: float


class NoFitError(ValueError):
    """The data do not determine the parameters; the text says why."""


def maximize(
    log_likelihood: LogLikelihood, start: tuple[float, ...], endless: Collection[int] = ()
) -> Maximum:
    """The greatest log likelihood, searched on a logarithmic scale from `start` on; the same for the same
    data.

    `endless`: places of parameters that may be as large as they like, because from some size on nothing
    changes any more (the larger those of a beta distribution, the more alike all customers are). There the
    search ends at its border, and what it has found is an answer.

    Raises:
        NoFitError: the search does not converge, or runs to a parameter beyond all reason: the data tell
            nothing about it.
    """
    begin = np.log(start)

    def loss(logs: np.ndarray) -> float:
        value = -log_likelihood(np.exp(logs))
        return value if np.isfinite(value) else 1e300

    def search(first: np.ndarray, reach: float) -> OptimizeResult:
        bounds = [(at - reach, at + reach) for at in begin]
        options = {"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500, "maxfun": 20_000}
        return minimize(loss, first, method="L-BFGS-B", jac="3-point", bounds=bounds, options=options)

    with np.errstate(all="ignore"):
        found = search(search(begin, _REACH).x, _REACH)
        if not np.isfinite(found.fun) or found.fun >= 1e300:
            raise NoFitError("the likelihood is not a number")
        beyond = np.abs(found.x - begin) > _REACH - _EDGE
        lost = [place not in endless or found.x[place] < begin[place] for place in range(len(begin))]
        if np.any(beyond & lost) or (np.any(beyond) and found.fun - search(found.x, _FURTHER).fun > _FLAT):
            raise NoFitError("the likelihood grows without limit")
    return Maximum(tuple(np.exp(found.x).tolist()), -float(found.fun))
