"""Trends fitted to published series: a separate act that leaves files in params/fitted. A run reads them and never fits."""

from forecast.fit.forms import Trend, as_series, damped, unobserved
from forecast.fit.pooled import Fits, fit_all, trend_of, write_fits
from forecast.fit.ramps import RAMPS, ramp

__all__ = ["RAMPS", "Fits", "Trend", "as_series", "damped", "fit_all", "ramp", "trend_of", "unobserved", "write_fits"]
