"""Sources at the margin of each section: whose figures the inputs behind it rest on, by their numbers in the list of sources."""

from collections.abc import Mapping
from typing import Any

from forecast.tables import at_margins, places


def margins(context: Mapping[str, Any]) -> dict[str, str]:
    """Section -> publishers with their numbers, in the order of the list; sections without sources are left out."""
    place = places(context)
    publisher = {source["id"]: str(source["publisher"]) for source in context["sources"]}
    told = {
        section: ", ".join(f"{publisher[source]} [{place[source]}]" for source in sorted(chosen, key=place.__getitem__))
        for section, chosen in at_margins(context).items()
    }
    return {section: text for section, text in told.items() if text}
