"""Units at the boundary: what a file may say, and how it becomes the unit that the model works in."""

from functools import lru_cache

import pint

BASES = ("8bit", "tpp", "bf16", "bandwidth", "none")
"""What a compute figure counts: dense 8-bit rate, TPP, dense BF16 rate, memory bandwidth, or no compute at all."""

_DEFINITIONS = """
chip = [chip]
die = [die]
stack = [stack]
slot = [slot]
wafer = [wafer]
H100e = [compute]
usd = [money]
TOP = [operation]
TPP = [law]
calendar_quarter = 0.25 * year
thousand = 1e3
million = 1e6
bn = 1e9
"""


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry:
    """The registry: SI plus chips, dies, stacks, wafers, H100e and dollars."""
    units: pint.UnitRegistry = pint.UnitRegistry(cache_folder=None)
    for line in _DEFINITIONS.strip().splitlines():
        units.define(line)
    return units


@lru_cache(maxsize=1024)
def factor(found: str, wanted: str) -> float:
    """Multiplier from one unit to another. Raises ValueError when a unit is unknown or of another kind."""
    if found == wanted:
        return 1.0
    units = registry()
    try:
        return float(units.Quantity(1.0, _plain(found)).to(_plain(wanted)).magnitude)
    except pint.UndefinedUnitError as problem:
        raise ValueError(f"unknown unit {found!r}") from problem
    except pint.DimensionalityError as problem:
        raise ValueError(f"unit {found!r} cannot become {wanted!r}") from problem


def _plain(unit: str) -> str:
    """Our spelling in pint's: 'bn USD/quarter' -> 'bn*usd/quarter'."""
    words = unit.replace("USD", "usd").replace("quarter", "calendar_quarter").replace("%", "percent").split()
    return "*".join(words) if words and unit != "1" else "dimensionless"
