"""Questions that the package answers, each with a number worked out here and now and the line that gives the whole answer."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import load, open_catalogue
from forecast.desk.view import Listed
from forecast.explorer import Explorer
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import end_of_year
from forecast.rows import grouped, quantiles
from forecast.rulebook import classify
from forecast.tables import signed, spread

DRAWS, YEAR = 128, 2028
BASE = "current"


class Asked(NamedTuple):
    """A question with the regime or the settings that answer it, and the line to type."""

    question: str
    regime: str
    settings: tuple[str, ...]
    line: str


COMPARE, RUN = "forecast compare baseline:current baseline:", "forecast run current"

ASKED = (
    Asked("Blackwell-class chips are licensed from 2027?", "open-blackwell", (), f"{COMPARE}open-blackwell"),
    Asked("Denial is made statutory?", "strict-denial", (), f"{COMPARE}strict-denial"),
    Asked("Beijing refuses what Washington permits?", "current+beijing-refusal", (), f"{RUN}+beijing-refusal"),
    Asked("Allies stop servicing tools as well?", "match", (), "forecast run match"),
    Asked("Enforcement halves diversion from mid-2027?", "", ("diversion=0.5@2027Q3",), f"{RUN} --set diversion=0.5@2027Q3"),
    Asked("Remote access is closed in 2027?", "", ("cloud_rule=1@2027Q1",), f"{RUN} --set cloud_rule=1@2027Q1"),
    Asked("Chinese memory ramps at half our pace?", "", ("hbm_domestic=0.5x@2027Q2",), f"{RUN} --set hbm_domestic=0.5x@2027Q2"),
)


def gallery() -> Listed:
    """What if ...: change of accessible compute at the end of 2028 beside current law, draw by draw."""
    regimes = tuple(dict.fromkeys([BASE, *(each.regime for each in ASKED if each.regime)]))
    scenario = load("baseline").model_copy(update={"draws": DRAWS, "regimes": regimes})
    result = run(build_inputs(scenario, open_catalogue()))
    stock = grouped(result["compute_nominal"]).sel(channel="accessible", bound=end_of_year(YEAR)).astype(float)
    explorer = Explorer(BASE, DRAWS)
    rows = [
        {"what if": each.question, f"by end-{YEAR}, million H100e": _effect(each, stock, explorer), "type this": each.line}
        for each in ASKED
    ]
    return Listed(
        pd.DataFrame(rows),
        f"What if: change of accessible compute by end-{YEAR} beside current law, {DRAWS} draws, median and 90% interval",
    )


def _effect(each: Asked, stock: xr.DataArray, explorer: Explorer) -> str:
    """Median and interval of the paired effect in words."""
    if each.regime:
        held = {name: np.asarray(stock.sel(regime=name).values) for name in (BASE, each.regime)}
        found = quantiles(held[each.regime] - held[BASE])
    else:
        moved = [text for text in each.settings if "x" not in text.partition("=")[2]]
        found = explorer.answer(moved, [text for text in each.settings if text not in moved]).effect
    return "nothing" if not found.any() else f"{signed(found[2] / 1e6)} ({spread(found[0], found[4], 1e6, signed)})"


def law_gallery(on: str = "2026-11-01") -> Listed:
    """May a chip go: the status of some known chips on a day, and the line that gives the paragraph."""
    chips = ("H20", "H200", "B300", "RTX 4090", "Ascend 910C")
    rows = [
        {"may it go to China?": chip, f"on {on}": classify(chip, on=on).status.replace("_", " "),
         "type this": f'forecast rule "{chip}" --on {on}' if " " in chip else f"forecast rule {chip} --on {on}"}
        for chip in chips
    ]  # fmt: skip
    return Listed(pd.DataFrame(rows), f"What the law said on {on}")
