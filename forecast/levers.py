"""Levers and what they reach: one table from lever to inputs, and what a policy does to supply in either form of investment."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.inputs import build_inputs
from forecast.language import _
from forecast.model import run
from forecast.names import FABRICATION_BOUNDS, FORKS, end_of_year, parse_quarter
from forecast.regime import BY_FIRM, BY_VENDOR, LEVERS, NO_EFFECT
from forecast.rows import grouped, quantiles
from forecast.scenario import Scenario
from forecast.supply import QUANTILES, in_year
from forecast.tables import Cell, Scope, Table, in_percent, percent, signed, spread

ALSO: dict[str, tuple[str, ...]] = {
    "tool_sales": ("tool_lag", "localisation_half_life", "prebuy_tools", "floor_without_tools"),
    "tool_servicing": ("servicing_defects",),
    "subcomponents": ("domestic_tool_share", "tool_lag", "localisation_half_life"),
    "memory_tools": ("tool_lag", "localisation_half_life"),
    "public_funding": ("tool_lag",),
    "training_programmes": ("vendor_run_share", "third_party_gap"),
    "hbm_access": ("leak_copackaged", "prebuy_stacks"),
    "cloud_rule": ("closure_lag",),
    "hostility": ("hostility_half_life",),
    "sovereign_only": ("domestic_mandate",),
    "network_parts": (),
    "proxy_foundry": (),
}
"""Inputs that shape a lever's effect beside the one that it acts on; a test runs each."""

LOSS = 0.01
"""Share of what is made in a year from which on a policy's loss counts as one."""


def lever_table(catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Every scalar lever with its range, the input that it acts on and those that shape its effect.

    Columns: lever, unit, low, high, default, about, acts_on, input (what that input is), median (its value and unit, a path in
    its first year), also, by_firm.
    """
    held = (catalogue or open_catalogue()).quantities
    rows = []
    for name, lever in LEVERS.items():
        about, median = "", ""
        if lever.acts_on != NO_EFFECT:
            quantity = held[lever.acts_on]
            belief = quantity.spread or next(iter((quantity.path or {}).values()), None)
            value = quantity.exact if belief is None else belief.p50
            about, median = quantity.about, f"{value:g}" + ("" if quantity.unit == "1" else f" {quantity.unit}")
        rows.append(
            (
                name, lever.unit, lever.low, lever.high, lever.default, lever.about, lever.acts_on, about, median,
                " ".join(ALSO.get(name, ())), name in BY_FIRM + BY_VENDOR,
            )
        )  # fmt: skip
    columns = ["lever", "unit", "low", "high", "default", "about", "acts_on", "input", "median", "also", "by_firm"]
    return pd.DataFrame(rows, columns=columns)


def supply_effect(
    scenario: Scenario, policy: str, years: tuple[int, ...], catalogue: Catalogue | None = None, base: str | None = None
) -> pd.DataFrame:
    """What a policy changes in Chinese supply year by year, for either form of investment, world by world.

    Columns: form, year, what, unit, p05, p50, p95. `what`: wafers, dies, stacks and packages as a share of those under the base
    regime less one; onshore stock at year-end [H100e]; `loss`, one in worlds that make fewer packages by more than LOSS; and for
    each bound the share of the year's quarters in which it holds under the policy.
    """
    catalogue = catalogue or open_catalogue()
    base = base or scenario.regimes[0]
    rows: list[tuple[object, ...]] = []
    for form in FORKS["bottlenecks"]:
        asked = scenario.model_copy(update={"regimes": (base, policy), "forks": {**scenario.forks, "bottlenecks": form}})
        inputs = build_inputs(asked, catalogue)
        result = run(inputs)
        for year in years:
            rows += [(form, year, what, unit, *values) for what, unit, values in _changes(result, base, policy, year)]
    return pd.DataFrame(rows, columns=["form", "year", "what", "unit", *QUANTILES])


def _changes(result: xr.Dataset, base: str, policy: str, year: int) -> list[tuple[str, str, list[float]]]:
    """Paired changes of one year by name, with unit and quantiles."""
    before, after = (result.sel(regime=name) for name in (base, policy))
    flows = {"wafers": "wafers_out", "dies": "dies_made", "stacks": "stacks_supplied"}
    pairs = {what: (in_year(before[name], year), in_year(after[name], year)) for what, name in flows.items()}
    chips = [in_year(one["additions"].sel(channel="domestic"), year) for one in (before, after)]
    pairs["packages"] = (chips[0], chips[1])
    changes = {what: had / np.maximum(was, 1e-9) - 1.0 for what, (was, had) in pairs.items()}
    stock = grouped(result["compute_nominal"]).sel(channel="onshore", bound=end_of_year(year)).transpose("regime", "draw")
    found = [(what, "1", _three(values)) for what, values in changes.items()]
    found.append(("onshore", "H100e", _three(stock.sel(regime=policy).values - stock.sel(regime=base).values)))
    found.append(("loss", "1", [float((changes["packages"] < -LOSS).mean())] * 3))
    quarters = slice(parse_quarter(f"{year}Q1"), parse_quarter(f"{year}Q4"))
    codes = after["binding_fabrication"].sel(quarter=quarters).values
    found += [(f"bound:{word}", "1", [float((codes == k).mean())] * 3) for k, word in enumerate(FABRICATION_BOUNDS)]
    return found


def _three(values: np.ndarray) -> list[float]:
    return [float(v) for v in quantiles(np.asarray(values, dtype=float))[[0, 2, 4]]]


def policy_table(scenario: Scenario, scope: Scope, policy: str, catalogue: Catalogue | None = None) -> Table:
    """What a policy shows before and after the headline year in each form of investment, and what stands between."""
    catalogue = catalogue or open_catalogue()
    years = tuple(range(int(scope.as_of[:4]) + 1, scope.horizon_year + 3))
    years = tuple(year for year in years if parse_quarter(f"{year}Q4") <= parse_quarter(scenario.last))
    data = supply_effect(scenario, policy, years, catalogue)
    held = data.set_index(["form", "year", "what"])
    body: list[list[Cell]] = []
    for form, words in {"independent": _("Investment as planned"), "rebalancing": _("Investment moves to what binds")}.items():
        body.append([words])
        for year in years:
            cells: list[Cell] = [_change(held.loc[(form, year, what)]) for what in ("wafers", "dies", "stacks", "packages")]
            onshore = held.loc[(form, year, "onshore")]
            cells.append((signed(onshore["p50"] / 1e3), spread(onshore["p05"], onshore["p95"], 1e3, signed)))
            cells.append(percent(held.loc[(form, year, "loss"), "p50"]))
            cells += [percent(held.loc[(form, year, f"bound:{bound}"), "p50"]) for bound in ("logic dies", "memory")]
            body.append([str(year), *cells])
    title = _(catalogue.regimes[policy].title) if policy in catalogue.regimes else policy
    return Table(
        name="table-policy-supply",
        title=_(
            "{title}: change of Chinese supply against {base}, by form of investment",
            title=title,
            base=scope.titles[scope.base].lower(),
        ),
        note=_(
            "{draws} draws, every world under both rules and both forms. Median and 90% interval; wafers, "
            "dies, stacks and packages of the year in percent, onshore compute at year-end in thousand H100e. Loss: "
            "share of worlds that make fewer packages by more than {loss}. Logic, memory: share of quarters "
            "in which it binds under the policy. While memory binds, fewer wafers cost nothing and fewer stacks "
            "cost in full: a rule that reaches memory makers is felt where one on logic alone is not.",
            draws=scenario.draws,
            loss=percent(LOSS),
        ),
        header=[
            _("Year"), _("Wafers"), _("Dies"), _("Stacks"), _("Packages"), _("Onshore"), _("Loss"), _("Logic"), _("Memory"),
        ],
        rows=body,
        data=data,
    )  # fmt: skip


def _change(row: pd.Series) -> Cell:
    """A change in percent with its interval."""

    def write(share: float) -> str:
        return "0" if abs(share) < 0.0005 else signed(100 * share)

    return in_percent(write(row["p50"])), spread(row["p05"], row["p95"], 1.0, write)


def first_loss(data: pd.DataFrame, share: float = 0.5) -> dict[str, int | None]:
    """The first year in which more than a share of worlds lose, by form of investment; None where there is none."""
    loss = data[data["what"] == "loss"]
    return {
        str(form): next((int(row.year) for row in rows.itertuples() if row.p50 > share), None)
        for form, rows in loss.groupby("form")
    }
