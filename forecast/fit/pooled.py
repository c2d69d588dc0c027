"""Forms pooled by stated weights into beliefs, with data hash, diagnostics and code version, as files of params/fitted."""

import hashlib
import importlib.metadata
import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from forecast.catalogue.fitted import CEILINGS, FITTED, RAMPS_FILE, TRENDS_FILE, data_hash, fit_tables
from forecast.catalogue.home import digest, find_home
from forecast.draws import normals, read_off
from forecast.fit.forms import Trend, as_series, damped, rolling, unobserved
from forecast.fit.ramps import RAMPS, ramp
from forecast.names import parse_quarter
from forecast.quantity import Spread

DRAWS, SEED = 8192, 20261124
LEVELS = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
RAMP_YEARS = (2027.0, 2028.0, 2030.0, 2032.0)
"""Year-ends at which ramps are read, as the year in which they fall."""

HEAD = "# Written by `forecast fit` from params/history/series.csv and trends.csv. Not to be edited: change those, then fit.\n"


class Fits(NamedTuple):
    """What a fit leaves: beliefs by input, diagnostics by series and form, ramps by series and form."""

    beliefs: dict[str, dict[str, Any]]
    trends: pd.DataFrame
    ramps: pd.DataFrame


def fit_all(home: Path | None = None) -> Fits:
    """Fit every row of params/history/trends.csv and every ramp. Raises BadInput at the first series that cannot be fitted."""
    series, specs = fit_tables(find_home(home) / "params")
    stamp = {"data_hash": data_hash(series, specs), "code": code()}
    rows: list[dict[str, Any]] = []
    beliefs: dict[str, dict[str, Any]] = {}
    for spec in specs.itertuples():
        told, pooled = _fit_one(series, spec)
        rows += [{**one, **stamp} for one in told]
        if spec.feeds:
            beliefs[spec.feeds] = _belief(spec, pooled, series)
    ramps = pd.DataFrame([{**one, **stamp} for name, top in CEILINGS.items() for one in _ramps(series, name, top)])
    return Fits(beliefs, pd.DataFrame(rows), ramps)


def trend_of(series: pd.DataFrame, spec: Any) -> tuple[pd.Series, tuple[Trend, Trend]]:
    """The series of a row of trends.csv and its two fitted forms."""
    known = as_series(series, spec.series, spec.first_quarter, spec.last_quarter)
    ahead = int(spec.horizon)
    return known, (unobserved(known, spec.trend, ahead), damped(known, ahead))


def measured(trend: Trend, measure: str, actual: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Draws (z,) of what a form says: growth as a yearly factor, or what was bought above the trend as a share of it. [1]

    One rank holds along the path, as in the model's own paths. `actual` (quarter,) is the log of what came.
    """
    if measure == "growth":
        return np.asarray(np.exp((trend.mean[-1] + z * trend.error[-1] - trend.last) * 4 / len(trend.mean)))
    expected = np.exp(trend.mean + z[:, None] * trend.error)
    return np.asarray(np.exp(actual).sum() / expected.sum(axis=1) - 1.0)


def _fit_one(series: pd.DataFrame, spec: Any) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Rows of diagnostics of one series, and the pooled belief; a series that never fell is a record, and grows by at least 1."""
    known, trends = trend_of(series, spec)
    scores = rolling(known, spec.trend)
    actual = _came(series, spec.series, known.index[-1], int(spec.horizon)) if spec.measure == "excess" else np.zeros(0)
    z = normals(SEED, spec.series, DRAWS)
    told, parts, weights = [], [], []
    for trend in trends:
        drawn = measured(trend, spec.measure, actual, z)
        if spec.measure == "growth" and (known.dropna().diff().dropna() >= 0.0).all():
            drawn = np.maximum(drawn, 1.0)
        weight = getattr(spec, trend.form)
        row = {"series": spec.series, "form": trend.form, "weight": weight, "points": int(known.notna().sum())}
        told.append({**row, "filled": trend.filled, **_levels(drawn), **trend.diagnostics(), **scores[trend.form]})
        parts.append(drawn)
        weights.append(weight)
    if spec.judged > 0:
        parts.append(read_off(Spread(p05=spec.p05, p50=spec.p50, p95=spec.p95), "log", z))
        weights.append(spec.judged)
        told.append({"series": spec.series, "form": "judged", "weight": spec.judged, **_levels(parts[-1])})
    pooled = np.concatenate(parts)
    share = np.repeat(np.array(weights) / DRAWS, DRAWS)
    pool = {name: float(weighted(pooled, share, level)) for name, level in LEVELS.items()}
    told.append({"series": spec.series, "form": "pooled", "weight": 1.0, **pool})
    return [{**_EMPTY, **row} for row in told], pool


_EMPTY = dict.fromkeys(
    ("points", "filled", "aic", "ljung_box", "jarque_bera", "origins", "error_ratio", "coverage"), float("nan")
)


def weighted(values: np.ndarray, shares: np.ndarray, level: float) -> float:
    """Quantile of values (draw,) that carry shares (draw,), which add up to one."""
    order = np.argsort(values)
    return float(np.interp(level, np.cumsum(shares[order]), values[order]))


def _levels(drawn: np.ndarray) -> dict[str, float]:
    return {name: float(np.quantile(drawn, level)) for name, level in LEVELS.items()}


def _came(series: pd.DataFrame, name: str, last: pd.Period, horizon: int) -> np.ndarray:
    """What came in the quarters after the fit, as a log; a quarter without a figure lies on the line between its neighbours."""
    whole = as_series(series, name).interpolate()
    return np.asarray(whole.loc[last + 1 : last + horizon], float)


def _ramps(series: pd.DataFrame, name: str, ceiling: float) -> list[dict[str, Any]]:
    """Rows of one ramp series: every form at RAMP_YEARS."""
    held = series[series["series"] == name]
    starts = pd.DatetimeIndex([parse_quarter(quarter) for quarter in held["quarter"]])
    years = starts.year.to_numpy() + (starts.quarter.to_numpy() - 4) / 4.0
    at = np.array(RAMP_YEARS)
    rows = []
    for form in RAMPS:
        made = ramp(form, years, held["value"].to_numpy(float), at, ceiling)
        values = {f"y{year:.0f}": value for year, value in zip(RAMP_YEARS, made.values, strict=True)}
        rows.append({"series": name, "form": form, "points": len(held), "rmse": made.rmse, "aicc": made.aicc, **values})
    return rows


def _belief(spec: Any, pooled: dict[str, float], series: pd.DataFrame) -> dict[str, Any]:
    """A belief with its passport, as params hold it; what may be nothing is held on a plain scale from zero."""
    sources = list(dict.fromkeys(series.loc[series["series"] == spec.series, "source"]))
    shares = f"{spec.unobserved:.0%} unobserved components, {spec.damped:.0%} damped smoothing, {spec.judged:.0%} judgement"
    excess = spec.measure == "excess"
    spread = {name: _three(max(value, 0.0) if excess else value) for name, value in pooled.items()}
    held: dict[str, Any] = {
        "about": ABOUT[spec.feeds],
        "unit": "1" if excess else "1/year",
        "spread": spread,
        "scale": "identity" if excess else "log",
    }
    if excess:
        held["floor"] = 0
    return held | {
        "basis": "estimated",
        "sources": sources,
        "reason": f"{spec.about}, {spec.first_quarter} to {spec.last_quarter}: {shares}. {spec.reason}",
        "dated": spec.dated.date(),
        "confidence": "low",
    }


ABOUT = {
    "prebuy_tools": "Tools bought ahead of an expected stop, as a share of one year's additions to capacity",
    "largest_system_growth": "Yearly growth of the largest Chinese system as a factor, in the worlds that follow known clusters "
    "and not supernodes",
}
"""What the inputs that fits feed are."""


def _three(value: float) -> float:
    """Three significant digits: more would differ between machines."""
    return float(f"{value:.3g}")


def code() -> str:
    """Version of statsmodels and scipy, and a hash of the files of this package."""
    whole = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        whole.update(f"{path.name} {digest(path)}".encode())
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in ("statsmodels", "scipy"))
    return f"{versions} fit {whole.hexdigest()[:10]}"


def write_fits(fits: Fits, home: Path | None = None) -> list[Path]:
    """Write params/fitted: beliefs as YAML, diagnostics and ramps as CSV. Returns the files."""
    folder = find_home(home) / "params" / FITTED
    folder.mkdir(exist_ok=True)
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(fits.beliefs, out)
    beliefs = folder / "trends.yaml"
    beliefs.write_text(HEAD + out.getvalue(), encoding="utf-8", newline="\n")
    paths = [beliefs]
    for name, table in ((TRENDS_FILE, fits.trends), (RAMPS_FILE, fits.ramps)):
        paths.append(folder / name)
        table.rename(columns=HEADERS).to_csv(paths[-1], index=False, lineterminator="\n", float_format="%.3g")
    return paths


HEADERS = {f"y{year:.0f}": f"y{year:.0f} [wafer/month]" for year in RAMP_YEARS} | {
    name: f"{name} [1]" for name in ("weight", *LEVELS, "ljung_box", "jarque_bera", "error_ratio", "coverage", "rmse")
}
