"""What opens each section: a finding that can stand alone, then the sentences that explain it, all from the run's numbers."""

from collections.abc import Mapping
from typing import Any

from forecast.brief.findings import (
    beside_text,
    binding_text,
    channels_text,
    drivers_text,
    forks_text,
    judged_text,
    yardsticks_text,
)
from forecast.brief.messages import Message, general
from forecast.brief.numbers import Numbers
from forecast.brief.odds import odds_text
from forecast.brief.policy import effects_text, gates_text, law_text, split_text
from forecast.tables import Scope


def section_texts(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> dict[str, Message]:
    """The openings of all sections that the run has something for, by the name under which the template asks for them."""
    words = general(numbers, scope, context)
    made = {
        "gates": gates_text(numbers, scope, context, words),
        "law": law_text(numbers, scope, context),
        "channels": channels_text(numbers, scope, words),
        "yardsticks": yardsticks_text(numbers, scope, context, words),
        "binding": binding_text(numbers, scope, context, words),
        "beside": beside_text(numbers, context, words),
        "judged": judged_text(numbers, scope, context),
    }
    if context["side"]["most"] is not None:
        made["effects"] = effects_text(numbers, scope, context, words)
    if context["side"]["odds"] is not None:
        made["odds"] = odds_text(numbers, context, words)
    if context["side"]["split"] is not None:
        made["split"] = split_text(numbers, scope, context, words)
    if context["side"]["forks"] is not None:
        made["forks"] = forks_text(numbers, scope, context)
    if context["side"]["drivers"]:
        made["drivers"] = drivers_text(numbers, scope, context, words)
    return made
