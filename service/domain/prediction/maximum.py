"""Where a likelihood is greatest: one search for all models, over positive parameters."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

LogLikelihood = Callable[[np.ndarray], float]

_REACH = np.log(1e4)  # how far a parameter may lie from where the search begins, either way
_EDGE = 0.01


class Maximum(NamedTuple):
    """The parameters, and the log likelihood there."""

    parameters: tuple[float, ...]
    log_likelihood: float


class NoFitError(ValueError):
    """The data do not determine the parameters; the text says why."""


def maximize(log_likelihood: LogLikelihood, start: tuple[float, ...]) -> Maximum:
    """The greatest log likelihood, searched on a logarithmic scale from `start` on; the same for the same
    data.

    Raises:
        NoFitError: the search does not converge, or runs to a parameter beyond all reason (without limit, the
            likelihood would go on growing: the data tell nothing about that parameter).
    """
    begin = np.log(start)

    def loss(logs: np.ndarray) -> float:
        value = -log_likelihood(np.exp(logs))
        return value if np.isfinite(value) else 1e300

    with np.errstate(all="ignore"):
        bounds = [(at - _REACH, at + _REACH) for at in begin]
        options = {"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500, "maxfun": 20_000}
        found = minimize(loss, begin, method="L-BFGS-B", jac="3-point", bounds=bounds, options=options)
        found = minimize(loss, found.x, method="L-BFGS-B", jac="3-point", bounds=bounds, options=options)
    if not np.isfinite(found.fun) or found.fun >= 1e300:
        raise NoFitError("the likelihood is not a number")
    if np.any(np.abs(found.x - begin) > _REACH - _EDGE):
        raise NoFitError("the likelihood grows without limit")
    return Maximum(tuple(np.exp(found.x).tolist()), -float(found.fun))
