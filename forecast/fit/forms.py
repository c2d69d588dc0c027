"""Two forms of a trend by statsmodels on the log of a series: unobserved components, and damped exponential smoothing."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.stattools import jarque_bera
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.structural import UnobservedComponents

from forecast.contract import BadInput
from forecast.names import label_quarter

LEAST = 20
"""Points that a series needs before a trend is fitted to it."""

BURN = 4
"""First residuals left out of tests: the filter starts without knowledge."""

LAGS = 8
"""Quarters of autocorrelation that the test of residuals looks at."""


@dataclass(frozen=True)
class Trend:
    """One fitted form: forecast mean and standard error of the log by quarter ahead, what it leaves over, and how it was made."""

    form: str
    mean: np.ndarray
    error: np.ndarray
    last: float
    residuals: np.ndarray
    smoothed: pd.Series
    aic: float
    filled: int

    def diagnostics(self) -> dict[str, float]:
        """AIC, p values of Ljung-Box (autocorrelation) and Jarque-Bera (shape) on the residuals."""
        left = self.residuals[np.isfinite(self.residuals)][BURN:]
        return {
            "aic": self.aic,
            "ljung_box": float(acorr_ljungbox(left, lags=[min(LAGS, len(left) // 2)])["lb_pvalue"].iloc[0]),
            "jarque_bera": float(jarque_bera(left)[1]),
        }


def as_series(table: pd.DataFrame, name: str, first: str | None = None, last: str | None = None) -> pd.Series:
    """One series of params/history/series.csv as the log of its values by quarter; quarters without a figure are NaN.

    Raises BadInput when fewer than LEAST figures are left, which is too few for a trend.
    """
    held = table[table["series"] == name]
    quarters = pd.PeriodIndex(held["quarter"].tolist(), freq="Q")
    values = pd.Series(np.log(held["value"].to_numpy(float)), quarters).sort_index().loc[first:last]
    if len(values) < LEAST:
        raise BadInput(
            "too few figures for a trend", key=name, found=str(len(values)), expected=f"at least {LEAST} that are not recalled"
        )
    return values.reindex(pd.period_range(values.index[0], values.index[-1], freq="Q"))


def unobserved(series: pd.Series, trend: str, horizon: int) -> Trend:
    """Unobserved components with the given trend, by Kalman filter; gaps stay gaps. Series (quarter,) is a log.

    Source: Harvey's structural time series as statsmodels has them.
    """
    with _quiet():
        made = UnobservedComponents(series, trend).fit(disp=0, maxiter=1000)
    ahead = made.get_forecast(horizon)
    level = pd.Series(made.level["smoothed"], series.index)
    return Trend(
        "unobserved", ahead.predicted_mean.to_numpy(), ahead.se_mean.to_numpy(), float(series.iloc[-1]),
        np.asarray(made.resid, float), level, float(made.aic), 0,
    )  # fmt: skip


def damped(series: pd.Series, horizon: int) -> Trend:
    """Exponential smoothing with an additive trend that is damped; gaps are filled by a straight line on the log.

    Source: Hyndman's innovations state space form (A, Ad, N) as statsmodels has it.
    """
    whole = series.interpolate()
    with _quiet():
        made = ETSModel(whole, error="add", trend="add", damped_trend=True).fit(disp=0)
    start = len(whole)
    ahead = made.get_prediction(start=start, end=start + horizon - 1)
    error = np.sqrt(np.asarray(ahead.forecast_variance, float))
    return Trend(
        "damped", np.asarray(ahead.predicted_mean, float), error, float(whole.iloc[-1]),
        np.asarray(made.resid, float), made.fittedvalues, float(made.aic), int(series.isna().sum()),
    )  # fmt: skip


def rolling(series: pd.Series, trend: str, ahead: int = 4, origins: int = 8) -> dict[str, dict[str, float]]:
    """Rolling origin: mean absolute error of the log a year ahead by form over that of the last value, and coverage at 90%."""
    told: dict[str, list[tuple[float, float, bool]]] = {"unobserved": [], "damped": []}
    for cut in range(len(series) - ahead - origins + 1, len(series) - ahead + 1):
        known, truth = series.iloc[:cut], series.iloc[cut + ahead - 1]
        if not np.isfinite(truth) or known.notna().sum() < LEAST // 2:
            continue
        naive = abs(truth - known.dropna().iloc[-1])
        for fitted in (unobserved(known, trend, ahead), damped(known, ahead)):
            miss = truth - fitted.mean[-1]
            told[fitted.form].append((abs(miss), naive, bool(abs(miss) <= 1.645 * fitted.error[-1])))
    return {form: _score(rows) for form, rows in told.items()}


def _score(rows: list[tuple[float, float, bool]]) -> dict[str, float]:
    own, naive, inside = (np.array(column, float) for column in zip(*rows, strict=True))
    ratio = own.mean() / naive.mean() if naive.mean() > 0 else float("inf")
    return {"origins": float(len(own)), "error_ratio": float(ratio), "coverage": float(inside.mean())}


def quarters_ahead(series: pd.Series, horizon: int) -> list[str]:
    """Labels of the quarters that follow a series."""
    ahead = pd.period_range(series.index[-1] + 1, periods=horizon, freq="Q")
    return [label_quarter(quarter.start_time) for quarter in ahead]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the optimizers' remarks; what matters of them stands in the diagnostics."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
