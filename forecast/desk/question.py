"""Scenarios as a notebook shows them: which there are, what one asks, and what it changes."""

from collections.abc import Callable
from typing import Any

import IPython.display
import numpy as np
import pandas as pd

from forecast.catalogue.load import load, open_catalogue, scenario_path
from forecast.desk.view import Listed
from forecast.ledger import ledger as worked_out
from forecast.quantity import Quantity, Spread
from forecast.scenario import Override
from forecast.tables import signed, spread, tick, two_digits


def scenarios() -> Listed:
    """Every scenario in params/scenarios: name, title, regimes, draws."""
    home = open_catalogue().home
    asked = [load(path.stem, home) for path in sorted((home / "params" / "scenarios").glob("*.yaml"))]
    rows = [
        {
            "name": each.name,
            "title": each.title,
            "regimes": ", ".join(each.regimes),
            "draws": each.draws,
            "changed inputs": len(each.overrides),
        }
        for each in asked
    ]
    return Listed(pd.DataFrame(rows), "Scenarios in params/scenarios")


def scenario_text(name: str) -> Any:
    """The file of a scenario as it stands."""
    text: Any = IPython.display.Markdown
    return text(f"```yaml\n{scenario_path(name, open_catalogue().home).read_text(encoding='utf-8')}```")


def changed_inputs(name: str) -> Any:
    """What a scenario puts in place of the default inputs: value before, value here, by whom and why."""
    catalogue = open_catalogue()
    scenario = load(name, catalogue.home)
    overrides = scenario.overrides
    if not overrides:
        text: Any = IPython.display.Markdown
        law = " What it changes is the law, in the file above." if scenario.what_ifs else ""
        return text(f"*{name}* uses every input as it stands in `params/`.{law}")
    rows = [
        {
            "input": key, "what": catalogue.quantities[key].about, "unit": catalogue.quantities[key].unit,
            "default": stated(catalogue.quantities[key]), "here": stated(override), "by": override.by, "reason": override.reason,
        }
        for key, override in overrides.items()
    ]  # fmt: skip
    return Listed(pd.DataFrame(rows), "Inputs that this scenario changes", "Median and 90% interval.")


def ledger(name: str) -> Any:
    """Each assumption that a scenario changes: default, override, effect on the headline, by whom, why, source."""
    catalogue = open_catalogue()
    asked = load(name, catalogue.home)
    if not asked.overrides:
        return changed_inputs(name)
    book = worked_out(asked)
    publishers = catalogue.table("sources.csv").set_index("source")["publisher"].to_dict()
    rows = [
        {
            "input": one.name, "what": one.about, "unit": one.unit, "default": stated(one.default),
            "override": stated(one.override), "effect, million H100e": _effect(one.effect),
            "by": one.override.by, "why": one.override.reason,
            "source": publishers.get(one.override.source or "", one.override.source or "none: judgement"),
        }
        for one in book.entries
    ]  # fmt: skip
    note = (
        f"Effect on accessible compute at end-{book.year} under {book.regime}: with the change less without it, draw by draw, "
        f"{book.draws} draws; all of them together {_effect(book.together)}. Effects need not add up."
    )
    return Listed(pd.DataFrame(rows), "What this scenario changes, and what it does to the headline", note)


def _effect(found: np.ndarray) -> str:
    low, mid, high = (float(found[k]) / 1e6 for k in (0, 2, 4))
    return f"{signed(mid)} ({spread(low, high, 1.0, signed)})"


def stated(held: Quantity | Override) -> str:
    """A value in words: a number, a median with its interval, or a line for each year; what a person wrote, as written."""
    write = written if isinstance(held, Override) else readable
    since = f" from {held.since}" if isinstance(held, Override) and held.since else ""
    if isinstance(held, Override) and held.factor is not None:
        return f"times {held.factor:g}{since}"
    if held.exact is not None:
        return write(held.exact) + since
    if held.spread is not None:
        return interval(held.spread, write) + since
    return "\n".join(f"{year}: {interval(belief, write)}{since}" for year, belief in (held.path or {}).items())


def interval(belief: Spread, write: Callable[[float], str]) -> str:
    """Median and 90% interval."""
    return f"{write(belief.p50)} ({write(belief.p05)} to {write(belief.p95)})"


def written(value: float) -> str:
    """All digits that a person gave; millions and billions in words."""
    size, word = next(((size, word) for size, word in SIZES if abs(value) >= size), (1.0, ""))
    return tick(value / size) + word


SIZES = ((1e9, " billion"), (1e6, " million"))


def readable(value: float) -> str:
    """Two digits; millions and billions in words, more decimals where a number is small."""
    size, word = next(((size, word) for size, word in SIZES if abs(value) >= size), (1.0, ""))
    return two_digits(value / size, decimals=2 if word else 4) + word
