"""What goes with a licence: the cap on volumes, what the American government takes, and Beijing's gate.

Each is one small function from the moves in force to plain values. They read what the regimes hold today: the scalar levers
quota_ratio, duty, revenue_share and cn_accept, and the parts that the first two steps of law name.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from forecast.regime import LEVERS, Move, Regime, in_force, origin
from forecast.stages.permissions import OPEN, STATUSES, Provision

LEVIED = {"duty": ("h200_sxm", "mi325x"), "revenue_share": ("h20_96gb", "h20_141gb", "mi308x")}
"""Parts on which each levy falls: those in the bands of January 2026, and those named in the letters of April 2025."""

LEVIES = {"duty": "import duty on the way through the United States", "revenue_share": "share of the vendor's revenue"}
CHINA = ("CN", "HK", "MO")


class Setting:
    """What a condition rests on: the moves of a regime, the day, and the files in which they are written."""

    def __init__(self, moves: Sequence[Move], day: dt.date, regime: str, book: Mapping[str, Regime]) -> None:
        self.standing, self.regime, self.book = in_force(moves, day), regime, book

    def scalar(self, lever: str) -> float:
        """Value of a scalar lever on the day, its default where nothing has moved it."""
        value = self.standing[lever].value if lever in self.standing else None
        return value if isinstance(value, float) else LEVERS[lever].default

    def written(self, lever: str) -> dict[str, Any]:
        """Since when a lever stands as it does, how well that is founded, and where it is written."""
        if lever not in self.standing:
            return {"since": None, "tag": None, "citation": None}
        move = self.standing[lever]
        step = origin(move, self.regime, self.book)
        return {"since": move.since.isoformat(), "tag": move.tag, "citation": f"{step.citation} ({step.name}, {step.url})"}


def quota(setting: Setting, applied: Sequence[Provision], status: str) -> dict[str, Any] | None:
    """The cap on volumes of a part that a relief opened to review: its ratio to American shipments, None where there is none."""
    opened = [rule for rule in applied if rule.applies_to and STATUSES[rule.policy] == status and status.startswith("licence")]
    ratio = setting.scalar("quota_ratio")
    if not opened or ratio >= LEVERS["quota_ratio"].high:
        return None
    return {
        "ratio_to_us_shipments": ratio,
        "words": f"compute shipped to China and Macau at most {ratio:g} of that shipped to American users, same product",
        **setting.written("quota_ratio"),
    }


def duty(setting: Setting, chip: str, status: str, to: str) -> dict[str, Any] | None:
    """What the American government takes of a sale of a part: rate and kind, None where nothing."""
    for lever, chips in LEVIED.items():
        rate = setting.scalar(lever)
        if rate > 0.0 and chip in chips and to in CHINA and STATUSES.index(status) <= OPEN:
            return {"rate": rate, "kind": lever, "words": f"{rate:.0%} {LEVIES[lever]}", **setting.written(lever)}
    return None


def cn_gate(setting: Setting, to: str) -> dict[str, Any] | None:
    """What Beijing does at its own border, None where the goods do not go to China."""
    if to != "CN":
        return None
    share = setting.scalar("cn_accept")
    unmoved = "no dated rule in this regime; what it lets in is the forecast's input acceptance"
    words = unmoved if share == LEVERS["cn_accept"].default else f"lets in {share:g} times what it does under current law"
    return {"acceptance_relative_to_current_law": share, "words": words, **setting.written("cn_accept")}
