"""Sources at the margin of each section: whose figures the inputs behind it rest on, by their numbers in the list of sources."""

from collections.abc import Mapping
from typing import Any

from forecast.tables import ordered_sources

SECTIONS = {
    "gates": ("supply/licensed.yaml",),
    "channels": ("supply/diversion.yaml", "supply/licensed.yaml", "supply/offshore.yaml", "supply/hosts.yaml"),
    "yardsticks": ("demand/use.yaml", "demand/money.yaml"),
    "binding": ("fabs/memory.yaml", "fabs/logic.yaml", "fabs/packaging.yaml"),
    "odds": ("branches.csv", "turning_points.csv"),
}
"""Section -> files of params whose sources stand beside it; other sections cite theirs line by line."""

MOST = 6
"""Sources that a margin has room for."""


def margins(context: Mapping[str, Any], shown: int) -> dict[str, str]:
    """Section -> publishers with their numbers; those named most first, none beyond the first `shown`."""
    ordered = ordered_sources(context)
    place = {source["id"]: number for number, source in enumerate(ordered[:shown], start=1)}
    publisher = {source["id"]: str(source["publisher"]) for source in ordered}
    told = {}
    for section, files in SECTIONS.items():
        named = [source for name in files for source in context["groups"].get(name, ()) if source in place]
        ranked = sorted(dict.fromkeys(named), key=lambda source: (-named.count(source), place[source]))[:MOST]
        told[section] = ", ".join(f"{publisher[source]} [{place[source]}]" for source in sorted(ranked, key=place.__getitem__))
    return {section: text for section, text in told.items() if text}
