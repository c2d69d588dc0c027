"""One firm's path with and without a listing: units by maker under a regime that names firms, beside the base, world by world."""

import pandas as pd

from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.inputs import build_inputs
from forecast.language import _
from forecast.model import run
from forecast.names import parse_quarter
from forecast.regime import BY_VENDOR, resolve
from forecast.scenario import Scenario
from forecast.supply import QUANTILES, firm_name, in_year, long_data
from forecast.tables import Cell, Scope, Table, signed, spread, two_digits
from forecast.vendors import LAST_YEAR

ALL_OTHERS = "all others"
"""The makers that a rule does not name, in the column `maker`."""


def firms_named(policy: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Designers of chips that a regime's moves name, each once."""
    moves = resolve(policy, catalogue.regimes)
    return tuple(dict.fromkeys(firm for move in moves if move.lever in BY_VENDOR for firm in move.firms))


def with_and_without(
    scenario: Scenario, policy: str, years: tuple[int, ...], catalogue: Catalogue | None = None, base: str | None = None
) -> pd.DataFrame:
    """Units of each named firm and of all others by year without and with a regime, and the change world by world. [chip]

    Columns: maker, year, what (without, with, change), p05, p50, p95. What is made abroad for others and the mix stay.
    """
    catalogue = catalogue or open_catalogue()
    base = base or scenario.regimes[0]
    result = run(build_inputs(scenario.model_copy(update={"regimes": (base, policy)}), catalogue))
    vendors = catalogue.table("gpus/classes.csv").set_index("gpu_class")["vendor"].reindex(result["gpu_class"].values)
    chips = result["additions"].sel(channel="domestic")
    named = firms_named(policy, catalogue)
    rows: list[tuple[object, ...]] = []
    for maker in (*named, ALL_OTHERS):
        its = ~vendors.isin(named) if maker == ALL_OTHERS else vendors == maker
        flows = [chips.isel(gpu_class=its.to_numpy()).sel(regime=regime) for regime in (base, policy)]
        for year in years:
            without, having = (in_year(flow, year) for flow in flows)
            rows += [(maker, year, "without", without), (maker, year, "with", having), (maker, year, "change", having - without)]
    return long_data(rows, ("maker", "year", "what"))


def listing_table(scenario: Scenario, scope: Scope, policy: str, catalogue: Catalogue | None = None) -> Table:
    """A firm's path with and without a rule that names it, and what becomes of all others. [thousand chips]"""
    catalogue = catalogue or open_catalogue()
    years = tuple(range(int(scope.as_of[:4]) + 1, LAST_YEAR + 3))
    years = tuple(year for year in years if parse_quarter(f"{year}Q4") <= parse_quarter(scenario.last))
    data = with_and_without(scenario, policy, years, catalogue, scope.base)
    held = data.set_index(["maker", "year", "what"])[list(QUANTILES)]
    body: list[list[Cell]] = []
    for maker in dict.fromkeys(data["maker"]):
        name = _("All others") if maker == ALL_OTHERS else firm_name(maker, catalogue)
        for year in years:
            cells: list[Cell] = []
            for what, write in (("without", two_digits), ("with", two_digits), ("change", signed)):
                low, middle, high = held.loc[(maker, year, what)] / 1e3
                cells.append((write(middle), spread(low, high, 1.0, write)))
            body.append([name, str(year), *cells])
    return Table(
        name="table-listing",
        title=_("{title}: units with and without, thousand chips", title=_(catalogue.regimes[policy].title)),
        note=_(
            "{draws} draws, every world with and without; median and 90% interval. The rule moves dies from foreign foundries of "
            "the firm named, by a judged split of them (params/fabs/foreign_dies.csv); its packages change by as many as these "
            "dies make. All others are moved through the shared pool alone: memory and packaging that are freed or taken, as far "
            "as their own dies go. Dies that are already in China no listing reaches. Memory is refused to all of China and a "
            "designer has no fab, so neither changes.",
            draws=scenario.draws,
        ),
        header=[_("Maker"), _("Year"), _("Without"), _("With"), _("Change")],
        rows=body,
        data=data,
        spanned=1,
    )
