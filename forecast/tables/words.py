"""Words for numbers and dates, and the one rounding rule: two significant digits."""

import math
from collections.abc import Callable
from decimal import Decimal

WHERE = {
    "onshore": "onshore",
    "offshore": "abroad",
    "accessible": "accessible",
    "licensed": "licensed",
    "diverted": "diverted",
    "domestic": "domestic",
}
"""What a reader sees for a channel or a sum of channels."""

DECISION_SHARE = 0.1
"""An effect matters when it exceeds this share of the stock; the summary's p_gain_10pct and p_loss_10pct are made with it."""

COUNTRIES = {
    "CN": "China",
    "SG": "Singapore",
    "MY": "Malaysia",
    "ID": "Indonesia",
    "JP": "Japan",
    "AE": "the United Arab Emirates",
    "other": "other countries",
}
"""The model's countries in sentences."""


def two_digits(x: float, decimals: int = 2) -> str:
    """Two significant digits, thousands apart, at most `decimals` decimals: 0.537 is 0.54, 12345 is 12,000, -0.2 is −0.20."""
    if not math.isfinite(x):
        raise ValueError(f"a number for readers must be finite, found {x}")
    if x == 0:
        return "0"
    shortened = Decimal(f"{x:.1e}")
    places = max(1 - shortened.adjusted(), 0)
    number = shortened if places <= decimals else round(Decimal(x), decimals)
    text = f"{abs(number):,.{min(places, decimals)}f}"
    return f"−{text}" if number < 0 else text


def millions(h100e: float) -> str:
    """A stock in H100e as millions to two digits: 8123456 is 8.1."""
    return two_digits(h100e / 1e6)


def signed(x: float) -> str:
    """A change to two digits with its sign: 0.24 is +0.24."""
    text = two_digits(x)
    return f"+{text}" if x > 0 and text.strip("0.") else text


def percent(share: float) -> str:
    """A share of 0 to 1 as whole percent; what rounds to nothing or to all is <1% or >99%."""
    if not -1e-9 <= share <= 1 + 1e-9:
        raise ValueError(f"a share lies between 0 and 1, found {share}")
    whole = round(100 * share)
    if whole < 1:
        return "<1%"
    return ">99%" if whole > 99 else f"{whole}%"


def spread(low: float, high: float, scale: float = 1.0, write: Callable[[float], str] = two_digits) -> str:
    """An interval: 5.3 to 12."""
    return f"{write(low / scale)} to {write(high / scale)}"


def year_end(quarter: str) -> str:
    """2028Q4 as end-2028, another quarter as the end of it."""
    return f"end-{quarter[:4]}" if quarter.endswith("Q4") else f"end of {quarter}"
