"""Words for numbers and dates, and the one rounding rule: two significant digits."""

import math
from collections.abc import Callable
from decimal import Decimal

from forecast.language import N_, _, number, quarter_name

WHERE = {
    "onshore": N_("onshore"),
    "offshore": N_("abroad"),
    "accessible": N_("accessible"),
    "licensed": N_("licensed"),
    "diverted": N_("diverted"),
    "domestic": N_("domestic"),
}
"""What a reader sees for a channel or a sum of channels; spoken by `where`."""

DECISION_SHARE = 0.1
"""An effect matters when it exceeds this share of the stock; the summary's p_gain_10pct and p_loss_10pct are made with it."""

COUNTRIES = {
    "CN": N_("China"),
    "SG": N_("Singapore"),
    "MY": N_("Malaysia"),
    "ID": N_("Indonesia"),
    "JP": N_("Japan"),
    "AE": N_("the United Arab Emirates"),
    "other": N_("other countries"),
}
"""The model's countries in sentences."""


def where(channel: str) -> str:
    """A channel or a sum of channels in the language spoken; another label as it stands."""
    return _(WHERE[channel]) if channel in WHERE else channel


def capital(text: str) -> str:
    """A text with a capital letter in front."""
    return text[:1].upper() + text[1:]


def labelled(what: str, text: str) -> str:
    """A text behind what it is about, with a colon as the language sets it."""
    return _("{what}: {text}", what=what, text=text)


def two_digits(x: float, decimals: int = 2) -> str:
    """Two significant digits, thousands apart, at most `decimals` decimals: 0.537 is 0.54, 12345 is 12,000, -0.2 is −0.20."""
    if not math.isfinite(x):
        raise ValueError(f"a number for readers must be finite, found {x}")
    if x == 0:
        return "0"
    shortened = Decimal(f"{x:.1e}")
    places = max(1 - shortened.adjusted(), 0)
    return number(shortened if places <= decimals else round(Decimal(x), decimals), min(places, decimals))


def as_published(x: float) -> str:
    """A figure of others with the digits that they gave, thousands apart: 1650 is 1,650, 38.8 stays 38.8."""
    shortened = Decimal(f"{x:.10g}").normalize()
    return number(shortened, max(-int(shortened.as_tuple().exponent), 0))


def millions(h100e: float) -> str:
    """A stock in H100e as millions to two digits: 8123456 is 8.1."""
    return two_digits(h100e / 1e6)


def signed(x: float) -> str:
    """A change to two digits with its sign: 0.24 is +0.24."""
    text = two_digits(x)
    return f"+{text}" if x > 0 and text.strip("0.,") else text


def percent(share: float) -> str:
    """A share of 0 to 1 as whole percent; what rounds to nothing or to all is <1% or >99%."""
    if not -1e-9 <= share <= 1 + 1e-9:
        raise ValueError(f"a share lies between 0 and 1, found {share}")
    whole = round(100 * share)
    if whole < 1:
        return f"<{in_percent('1')}"
    return f">{in_percent('99')}" if whole > 99 else in_percent(str(whole))


def in_percent(written: str) -> str:
    """A written number with the sign for percent as the language sets it: 90%, 90 %."""
    return _("{number}%", number=written)


def spread(low: float, high: float, scale: float = 1.0, write: Callable[[float], str] = two_digits) -> str:
    """An interval: 5.3 to 12."""
    return _("{low} to {high}", low=write(low / scale), high=write(high / scale))


def year_end(quarter: str) -> str:
    """2028Q4 as end-2028, another quarter as the end of it."""
    if quarter.endswith("Q4"):
        return _("end-{year}", year=quarter[:4])
    return _("end of {quarter}", quarter=quarter_name(quarter))


def chance(p: float) -> str:
    """A small probability to two decimals; what rounds to nothing is <0.01."""
    return number(p, 2) if p >= 0.005 else f"<{number(0.01, 2)}"


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def powers(x: float) -> str:
    """A large count by powers of ten, to two digits: 1e27 is 10²⁷, 5e26 is 5.0 × 10²⁶."""
    digits, power = f"{x:.1e}".split("e")
    ten = f"10{str(int(power)).translate(RAISED)}"
    return ten if float(digits) == 1.0 else f"{number(float(digits), 1)} × {ten}"


def power_tick(value: float, _place: object = None) -> str:
    """A mark of an axis whose marks are powers of ten."""
    return powers(value)


def percent_tick(value: float, _place: object = None) -> str:
    """A share as a mark of an axis."""
    return in_percent(f"{100 * value:.0f}")


def tick(value: float, _place: object = None) -> str:
    """A mark of an axis: as many digits as it needs, in the form of the language."""
    text = f"{value:g}"
    return number(value, len(text.partition(".")[2])) if "e" not in text else text.replace("-", "−")
