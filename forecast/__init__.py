"""AI compute in China under dated export-control regimes: a forecast with its working shown.

scenario = load("baseline")
inputs = build_inputs(scenario)
result = run(inputs)
table = summarize(result)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.catalogue.load import load
    from forecast.comparison import compare
    from forecast.inputs import build_inputs
    from forecast.model import run
    from forecast.names import TERMS
    from forecast.publication import publish
    from forecast.summary import summarize

_DOOR = {
    "load": "forecast.catalogue.load",
    "build_inputs": "forecast.inputs",
    "run": "forecast.model",
    "summarize": "forecast.summary",
    "compare": "forecast.comparison",
    "publish": "forecast.publication",
    "TERMS": "forecast.names",
}

__all__ = ["TERMS", "build_inputs", "compare", "load", "publish", "run", "summarize"]


def __getattr__(name: str) -> Any:
    """The public names, imported when first used, so that the command line starts quickly."""
    if name not in _DOOR:
        raise AttributeError(f"module 'forecast' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_DOOR[name]), name)
