"""Scenarios as a notebook shows them: which there are, what one asks, and what it changes."""

from typing import Any

import IPython.display
import pandas as pd

from forecast.catalogue.load import load, open_catalogue, scenario_path
from forecast.desk.view import Listed
from forecast.quantity import Quantity, Spread
from forecast.scenario import Override
from forecast.tables import two_digits


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
    overrides = load(name, catalogue.home).overrides
    if not overrides:
        text: Any = IPython.display.Markdown
        return text(f"*{name}* uses every input as it stands in `params/`.")
    rows = [
        {
            "input": key, "what": catalogue.quantities[key].about, "unit": catalogue.quantities[key].unit,
            "default": stated(catalogue.quantities[key]), "here": stated(override), "by": override.by, "reason": override.reason,
        }
        for key, override in overrides.items()
    ]  # fmt: skip
    return Listed(pd.DataFrame(rows), "Inputs that this scenario changes", "Median and 90% interval.")


def stated(held: Quantity | Override) -> str:
    """A value in words: a number, a median with its interval, or a line of those for each year."""
    if held.exact is not None:
        return readable(held.exact)
    if held.spread is not None:
        return interval(held.spread)
    return "\n".join(f"{year}: {interval(spread)}" for year, spread in (held.path or {}).items())


def interval(spread: Spread) -> str:
    """Median and 90% interval."""
    return f"{readable(spread.p50)} ({readable(spread.p05)} to {readable(spread.p95)})"


def readable(value: float) -> str:
    """Two digits; millions and billions in words, more decimals where a number is small."""
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return two_digits(value / size) + word
    return two_digits(value, decimals=4)
