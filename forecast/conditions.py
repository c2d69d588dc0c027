"""What goes with a licence, as plain values: the caps on volumes, what the American government takes, and Beijing's gate.

All of it stands in the answer of the law, by the data of the regimes; here it gets its words, its day and its citation.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from forecast.levies import Levied
from forecast.parties import Gate
from forecast.regime import LEVERS, Move, Quota, Regime, in_force, origin
from forecast.stages.permissions import OPEN, STATUSES

LEVIES = {"duty": "import duty on the way through the United States", "revenue_share": "share of the vendor's revenue"}
RATIO = "share_of_us"
CAPS = {
    RATIO: "compute shipped there at most {:g} of that shipped to American users, same product",
    "units_per_buyer": "at most {:,.0f} chips licensed for one buyer",
    "buyers": "at most {:g} buyers with licences",
    "tpp_per_country": "at most {:,.0f} TPP to one country in the years named",
    "tpp_per_company": "at most {:,.0f} TPP to one company in a year",
}
"""Caps in words, by what they count."""


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


def quota(setting: Setting, quotas: Sequence[Quota], status: str) -> dict[str, Any] | None:
    """The caps on volumes of a part that may be licensed, None where there is none; the ratio to American shipments by name."""
    if not quotas or STATUSES.index(status) > OPEN:
        return None
    ratio = next((each.limit for each in quotas if each.measure == RATIO), None)
    caps = [
        {
            "measure": each.measure,
            "limit": each.limit,
            "unit": each.unit,
            "basis": each.basis,
            "source": each.source,
            "note": each.note,
        }
        for each in quotas
    ]
    words = "; ".join(f"{CAPS[each.measure].format(each.limit)} ({each.basis})" for each in quotas)
    lever = "quota_ratio" if ratio is not None else ""
    return {"ratio_to_us_shipments": ratio, "caps": caps, "words": words, **setting.written(lever)}


def duty(setting: Setting, levies: Sequence[Levied], status: str) -> dict[str, Any] | None:
    """What the American government takes of a sale of a part: rate and kind, None where nothing."""
    taken = [each for each in levies if each.rate > 0.0]
    if not taken or STATUSES.index(status) > OPEN:
        return None
    words = ", ".join(f"{each.rate:.0%} {LEVIES.get(each.rate_of, each.paragraph)}" for each in taken)
    return {
        "rate": sum(each.rate for each in taken), "kind": taken[0].rate_of, "words": words, **setting.written(taken[0].rate_of),
    }  # fmt: skip


def cn_gate(setting: Setting, gates: Sequence[Gate], to: str) -> dict[str, Any] | None:
    """What Beijing does at its own border, None where the goods do not go to China."""
    if to != "CN":
        return None
    share = setting.scalar("cn_accept")
    known = [{**each._asdict(), "since": each.since.isoformat()} for each in gates]
    said = [f"{each.happened.rstrip('.')} (since {each.since}; {each.buyers})" for each in gates] or ["no dated measure is known"]
    if share != LEVERS["cn_accept"].default:
        said.append(f"this regime lets in {share:g} times what current law does")
    return {
        "acceptance_relative_to_current_law": share, "states": known, "words": "; ".join(said), **setting.written("cn_accept"),
    }  # fmt: skip
