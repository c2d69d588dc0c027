"""Clouds that may close by chance: what reliance on compute abroad is worth once its risk is counted, beside the forecast.

In every world a rule that closes remote access comes at a random quarter (`closure_hazard`), and each host goes along or not
(`closure_reach`). From then on the model's own equations hold: the effect comes after a lag, a part evades it, leases are
interrupted, and a part moves to hosts that stay open and have room. What a regime closes by date stays closed.
"""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.derived import plain
from forecast.draws import uniforms
from forecast.frontier import frontier_runs
from forecast.language import _
from forecast.model import run
from forecast.names import HOSTS
from forecast.rows import quantiles
from forecast.tables import COUNTRIES, Cell, Scope, Table, capital, percent, spread, two_digits, year_end

HIT = 0.05
"""A run counts as hit when closure takes this share of it."""


def first_closures(inputs: xr.Dataset) -> np.ndarray:
    """Quarter in which the rule comes (draw,), counted from the first quarter of the run; beyond its end: never.

    Waiting times are exponential from the origin on. Source of the rate: input closure_hazard.
    """
    draws, seed = inputs.sizes["draw"], int(inputs.attrs["seed"])
    shares = uniforms(seed, "closure.date", int(inputs["draw"].values.max()) + 1)[inputs["draw"].values]
    wait = -np.log(np.maximum(shares, 1e-300)) / np.maximum(plain(inputs, "closure_hazard"), 1e-12) * 4.0
    last = inputs.sizes["quarter"]
    return np.asarray(np.minimum(int(inputs.attrs["observed_quarters"]) + np.floor(wait), last).astype(int).reshape(draws))


def closed_by_chance(inputs: xr.Dataset) -> xr.DataArray:
    """One where remote access is closed by chance, by host and world (country, quarter, draw). [1]"""
    quarters = np.arange(inputs.sizes["quarter"])
    come = quarters[:, None] >= first_closures(inputs)
    closed = np.zeros((inputs.sizes["country"], *come.shape))
    labels, seed = inputs["draw"].values, int(inputs.attrs["seed"])
    for host in HOSTS:
        goes_along = uniforms(seed, f"closure.{host}", int(labels.max()) + 1)[labels] < plain(inputs, "closure_reach")
        closed[inputs.indexes["country"].get_loc(host)] = come & goes_along
    coords = {name: inputs[name] for name in ("country", "quarter", "draw")}
    return xr.DataArray(closed, dims=("country", "quarter", "draw"), coords=coords, attrs={"units": "1"})


def under_hazard(inputs: xr.Dataset) -> xr.Dataset:
    """The inputs of a run with closures by chance on top of what its regimes close by date."""
    lever = inputs["lever_cloud_rule_hosts"]
    closed = closed_by_chance(inputs)
    both = closed.where(closed > lever, lever).transpose("regime", "country", "quarter", "draw")
    return inputs.assign(lever_cloud_rule_hosts=both.assign_attrs(lever.attrs))


def closing(inputs: xr.Dataset, result: xr.Dataset, regime: str | None = None) -> xr.Dataset:
    """What closures by chance take from one regime (the first one) of a finished run, world by world.

    rented and rented_risky (country, bound, draw) [H100e] without and with closures by chance; come (bound, draw) [1]: a rule has
    come; run and run_risky (bound, draw) [FLOP]: the largest accessible run; closed (country, bound, draw) [1]. Raises BadInput
    for an unknown regime.
    """
    base = regime or str(inputs["regime"].values[0])
    if base not in inputs["regime"].values:
        raise BadInput("an unknown regime", found=base, expected=", ".join(map(str, inputs["regime"].values)))
    asked, fixed = inputs.sel(regime=[base]), result.sel(regime=[base])
    risky = under_hazard(asked)
    free = run(risky)
    held = {
        "rented": fixed["offshore_rented"], "rented_risky": free["offshore_rented"],
        "run": frontier_runs(asked, fixed)["largest_run"].sel(channel="accessible", drop=True),
        "run_risky": frontier_runs(asked, free)["largest_run"].sel(channel="accessible", drop=True),
    }  # fmt: skip
    out = {name: array.sel(regime=base, drop=True).transpose(..., "bound", "draw") for name, array in held.items()}
    chance = closed_by_chance(asked).values
    closed = np.concatenate([np.zeros_like(chance[:, :1]), chance], axis=1)
    dims, coords = out["rented"].dims, out["rented"].coords
    out["closed"] = xr.DataArray(closed, dims=dims, coords=coords)
    come = np.arange(inputs.sizes["quarter"] + 1)[:, None] > first_closures(asked)
    out["come"] = xr.DataArray(come.astype(float), dims=("bound", "draw"), coords={k: coords[k] for k in ("bound", "draw")})
    return xr.Dataset(out, attrs=result.attrs)


def _cell(values: np.ndarray, scale: float = 1.0) -> Cell:
    low, middle, high = (float(v) for v in quantiles(np.asarray(values, dtype=float))[[0, 2, 4]])
    return two_digits(middle / scale), spread(low, high, scale)


def _part(share: float) -> str:
    """A share of worlds or of compute in percent; none where it is nothing."""
    return percent(share) if share > 0 else _("none")


def _share(lost: np.ndarray, whole: np.ndarray) -> float:
    """Mean loss over the mean of the whole; zero where there is none of it. [1]"""
    return float(lost.mean() / whole.mean()) if len(whole) and whole.mean() > 0 else 0.0


def closing_table(held: xr.Dataset, scope: Scope) -> Table:
    """Compute rented abroad at year-ends without closures and with closures by chance, and what that does to the largest run."""
    body: list[list[Cell]] = []
    data = []
    for quarter in scope.year_ends:
        one = held.sel(bound=np.datetime64(f"{int(quarter[:4]) + 1}-01-01"))
        rented, risky = (one[name].sum("country").values.astype(float) for name in ("rented", "rented_risky"))
        come = one["come"].values > 0
        hit = one["run_risky"].values < (1.0 - HIT) * one["run"].values
        lost, where = _share(rented - risky, rented), _share((rented - risky)[come], rented[come])
        body.append([
            year_end(quarter), _part(float(come.mean())), _cell(rented, 1e6), _cell(risky, 1e6), _part(lost),
            _part(where), _part(float(hit.mean())),
        ])  # fmt: skip
        data.append(
            (quarter, float(come.mean()), float(np.median(rented)), float(np.median(risky)), lost, where, float(hit.mean()))
        )
    columns = ["quarter", "come", "rented", "rented_risky", "lost", "lost_where_come", "run_hit"]
    return Table(
        name="table-closing",
        title=_("If clouds may close: compute rented abroad under {title}, million H100e", title=scope.titles[scope.base]),
        note=_(
            "Median and 90% interval. A rule comes at a judged rate and each host goes along with a judged chance; its effect "
            "comes after a lag, a part evades it, a part moves to open hosts. Lost: mean over worlds, counting those in which "
            "nothing closes. Run hit: share of worlds in which the largest run is smaller by {hit} or more. Beside the "
            "forecast, never in it.",
            hit=percent(HIT),
        ),
        header=[
            _("At"),
            _("A rule has come"),
            _("Nothing closes"),
            _("Closures by chance"),
            _("Lost"),
            _("Lost where it came"),
            _("Run hit"),
        ],
        rows=body,
        data=pd.DataFrame(data, columns=columns),
    )


def hosts_closing_table(held: xr.Dataset, scope: Scope) -> Table:
    """By host at the headline date: chance that it has closed, what closing takes there, and what comes when others close."""
    one = held.sel(bound=np.datetime64(f"{scope.headline_year + 1}-01-01"))
    come = one["come"].values > 0
    body: list[list[Cell]] = []
    data = []
    for host in HOSTS:
        rented, risky, closed = (
            one[name].sel(country=host).values.astype(float) for name in ("rented", "rented_risky", "closed")
        )
        shut, spared = closed > 0, come & (closed == 0)
        lost, gained = _share((rented - risky)[shut], rented[shut]), _share((risky - rented)[spared], rented[spared])
        body.append(
            [
                capital(_(COUNTRIES[host])),
                _cell(rented, 1e3),
                _part(float(shut.mean())),
                _part(lost),
                _part(gained),
            ]
        )
        data.append((host, float(np.median(rented)), float(shut.mean()), lost, gained))
    return Table(
        name="table-closing-hosts",
        title=_("Hosts at {when} if clouds may close, thousand H100e", when=year_end(scope.headline)),
        note=_(
            "Lost and gained: means over the worlds in which the host has closed, or stays open while a rule holds elsewhere, "
            "as shares of what is rented there if nothing closes. A lag of a year and more stands between a rule and its effect."
        ),
        header=[
            _("Host"),
            _("Rented if nothing closes"),
            _("Has closed"),
            _("Lost where it has"),
            _("Gained where others have"),
        ],
        rows=body,
        data=pd.DataFrame(data, columns=["country", "rented", "closed", "lost", "gained"]),
    )
