"""Ramps of capacity by scipy: log-linear, logistic and Gompertz through published points."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import curve_fit

from forecast.contract import BadInput

FEWEST = 6
"""Points that a ramp needs: twice the parameters of the largest form."""


class Ramp(NamedTuple):
    """One form through points: its parameters, what it leaves over on the log, and its values at chosen years."""

    form: str
    parameters: np.ndarray
    rmse: float
    aicc: float
    values: np.ndarray


def _log_linear(t: np.ndarray, level: float, rate: float) -> np.ndarray:
    return np.asarray(level + rate * t)


def _logistic(t: np.ndarray, ceiling: float, rate: float, middle: float) -> np.ndarray:
    return np.asarray(ceiling - np.logaddexp(0.0, -rate * (t - middle)))


def _gompertz(t: np.ndarray, ceiling: float, rate: float, middle: float) -> np.ndarray:
    return np.asarray(ceiling - np.exp(np.clip(-rate * (t - middle), -50.0, 50.0)))


RAMPS: dict[str, Callable[..., np.ndarray]] = {"log-linear": _log_linear, "logistic": _logistic, "Gompertz": _gompertz}
"""Forms as the log of capacity over years; logistic and Gompertz have a ceiling."""


def ramp(form: str, years: np.ndarray, values: np.ndarray, at: np.ndarray, ceiling: float) -> Ramp:
    """One form fitted by least squares on the log through (year, value), its ceiling at most `ceiling`.

    years, values (point,); at (year,). Raises BadInput with fewer than FEWEST points or values that are not above zero.
    """
    if len(values) < FEWEST or (values <= 0).any():
        raise BadInput("no ramp can be drawn", found=f"{len(values)} points", expected=f"at least {FEWEST}, all above zero")
    start = float(years.min())
    t, y = years - start, np.log(values)
    slope = max(float(np.polyfit(t, y, 1)[0]), 0.05)
    if form == "log-linear":
        guess, low, high = [y[0], slope], [-np.inf, -5.0], [np.inf, 5.0]
    else:
        top = np.log(ceiling)
        guess, low, high = [min(y.max() + 0.5, top - 0.01), 1.0, 1.0], [y.max() - 0.5, 0.01, -40.0], [top, 10.0, 40.0]
    found, _ = curve_fit(RAMPS[form], t, y, p0=guess, bounds=(low, high), max_nfev=20_000)
    left = y - RAMPS[form](t, *found)
    n, k = len(y), len(found) + 1
    variance = max(float(np.mean(left**2)), 1e-12)
    aicc = n * np.log(variance) + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1)
    return Ramp(form, found, float(np.sqrt(variance)), float(aicc), np.exp(RAMPS[form](at - start, *found)))
