"""What a policy on supply shows before and after a year under every form of every structural fork, and what stands between."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.breadth import FORKS as WORDS
from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.inputs import build_inputs
from forecast.levers import LOSS
from forecast.model import run
from forecast.names import FABRICATION_BOUNDS, FORKS, end_of_year, parse_quarter
from forecast.rows import grouped, quantiles
from forecast.scenario import Scenario
from forecast.supply import QUANTILES, in_year
from forecast.tables import Cell, Scope, Table, percent, signed, spread

POLICY = "match"
"""The policy of which analysts expect little before 2028 and a loss after."""

TURN = 2028
"""Last year of the time in which analysts expect almost nothing."""

MEMORY, LOGIC = FABRICATION_BOUNDS.index("memory"), FABRICATION_BOUNDS.index("logic dies")


def by_fork(scenario: Scenario, policy: str, years: tuple[int, ...], catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Change of Chinese supply that a policy makes, year by year, with one form of one fork fixed at a time.

    The base is the scenario's first regime; other forks stay as sampled. Columns: fork, form, year, what, unit, p05, p50, p95.
    `what`: wafers, stacks, packages and compute added as a share of the base less one; onshore stock at year-end [H100e]; `loss`,
    share of worlds that make fewer packages by more than LOSS; `memory`, `logic`: share of quarters in which it binds.
    """
    catalogue = catalogue or open_catalogue()
    base = scenario.regimes[0]
    rows: list[tuple[object, ...]] = []
    for fork in FORKS:
        for form in FORKS[fork]:
            asked = scenario.model_copy(update={"regimes": (base, policy), "forks": {**scenario.forks, fork: form}})
            result = run(build_inputs(asked, catalogue))
            rows += [(fork, form, year, *row) for year in years for row in _changes(result, base, policy, year)]
    return pd.DataFrame(rows, columns=["fork", "form", "year", "what", "unit", *QUANTILES])


def _changes(result: xr.Dataset, base: str, policy: str, year: int) -> list[tuple[object, ...]]:
    """Rows of one year: what, unit and three quantiles."""
    was, now = (result.sel(regime=name) for name in (base, policy))
    chips = {name: one["additions"].sel(channel="domestic") for name, one in (("was", was), ("now", now))}
    pairs = {
        "wafers": (was["wafers_out"], now["wafers_out"]),
        "stacks": (was["stacks_supplied"], now["stacks_supplied"]),
        "packages": (chips["was"], chips["now"]),
        "compute": (chips["was"] * was["h100e"], chips["now"] * now["h100e"]),
    }
    shares = {}
    for what, pair in pairs.items():
        had, has = (in_year(array, year) for array in pair)
        shares[what] = has / np.maximum(had, 1e-9) - 1.0
    stock = grouped(result["compute_nominal"]).sel(channel="onshore", bound=end_of_year(year))
    onshore = (stock.sel(regime=policy) - stock.sel(regime=base)).values.astype(float)
    codes = now["binding_fabrication"].sel(quarter=slice(parse_quarter(f"{year}Q1"), parse_quarter(f"{year}Q4"))).values
    plain = {"loss": shares["packages"] < -LOSS, "memory": codes == MEMORY, "logic": codes == LOGIC}
    rows = [(what, "1", *_three(values)) for what, values in shares.items()]
    rows.append(("onshore", "H100e", *_three(onshore)))
    return rows + [(what, "1", *[float(held.mean())] * 3) for what, held in plain.items()]


def _three(values: np.ndarray) -> list[float]:
    return [float(v) for v in quantiles(np.asarray(values, dtype=float))[[0, 2, 4]]]


def everyfork_table(scenario: Scenario, scope: Scope, policy: str = POLICY, catalogue: Catalogue | None = None) -> Table:
    """A policy on supply before and after TURN in every form of every fork, with the sentence that says what it shows and why."""
    catalogue = catalogue or open_catalogue()
    last = int(scenario.last[:4])
    years = tuple(year for year in (TURN - 1, TURN, TURN + 2, last) if int(scope.as_of[:4]) < year <= last)
    data = by_fork(scenario, policy, years, catalogue)
    held = data.set_index(["fork", "form", "year", "what"])
    body: list[list[Cell]] = []
    for fork, forms in FORKS.items():
        label, words = WORDS[fork]
        for form in forms:
            body.append([f"{label}: {words[form]}"])
            body += [[str(year), *_cells(held.loc[(fork, form, year)])] for year in years]
    title = catalogue.regimes[policy].title if policy in catalogue.regimes else policy
    return Table(
        name="table-every-fork",
        title=f"{title}: Chinese supply before and after {TURN} in every fork, against {scope.titles[scope.base].lower()}",
        note=f"{scenario.draws} draws, one form fixed at a time. Median and 90% interval of changes in percent; onshore at "
        f"year-end in thousand H100e. Loss: share of worlds that make fewer packages by more than {percent(LOSS)}. Memory, "
        f"logic: share of quarters in which it binds under the policy. {story(data)}",
        header=["Year", "Wafers", "Stacks", "Packages", "Onshore", "Loss", "Memory", "Logic"],
        rows=body,
        data=data,
    )


def _cells(rows: pd.DataFrame) -> list[Cell]:
    """Cells of one year."""

    def write(share: float) -> str:
        return "0" if abs(share) < 0.0005 else signed(100 * share)

    cells: list[Cell] = [
        (f"{write(rows.loc[what, 'p50'])}%", spread(rows.loc[what, "p05"], rows.loc[what, "p95"], 1.0, write))
        for what in ("wafers", "stacks", "packages")
    ]
    low, middle, high = (float(rows.loc["onshore", name]) for name in QUANTILES)
    cells.append((signed(middle / 1e3), spread(low, high, 1e3, signed)))
    return cells + [percent(float(rows.loc[what, "p50"])) for what in ("loss", "memory", "logic")]


def story(data: pd.DataFrame) -> str:
    """What the table shows before and after TURN over all forms, and why, in words."""
    years = sorted(data["year"].unique())
    early, late = [year for year in years if year <= TURN], [year for year in years if year > TURN]
    if not early or not late:
        return ""

    def of(what: str, year: int) -> list[float]:
        return [float(value) for value in data.loc[(data["what"] == what) & (data["year"] == year), "p50"]]

    lost, binds, packages = of("loss", late[-1]), of("memory", late[-1]), [of("packages", year) for year in (early[-1], late[-1])]
    return (
        f"By {early[-1]} wafers change by {_ends(of('wafers', early[-1]))} and packages by {_ends(packages[0])} in the medians "
        f"of all forms: rules act after a lag, and tools bought ahead come first. By {late[-1]} wafers change by "
        f"{_ends(of('wafers', late[-1]))}, stacks by {_ends(of('stacks', late[-1]))}, packages by {_ends(packages[1])}, and "
        f"{_range(lost)} of worlds lose. While memory binds ({_range(binds)} of quarters), what is lost of wafers costs nothing "
        "and what is lost of stacks costs in full."
    )


def _ends(shares: list[float]) -> str:
    """A range of changes in percent over forms."""
    words = ["0" if abs(share) < 0.0005 else signed(100 * share) for share in (max(shares, key=abs), min(shares, key=abs))]
    return f"{words[0]}%" if words[0] == words[1] else f"{words[1]} to {words[0]}%"


def _range(shares: list[float]) -> str:
    """A range of shares over forms."""
    low, high = percent(min(shares)), percent(max(shares))
    return low if low == high else f"{low} to {high}"
