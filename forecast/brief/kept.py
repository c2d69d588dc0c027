"""Side results on disk: asked once for a run, read again by every later brief of it, number for number."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.folder import write_json

FILE = "side.json"
DRAWN_ANEW = ("pictures", "seconds")
"""Side results that are not kept: drawings, and how long it took."""


def keep(side: Mapping[str, Any], folder: Path) -> None:
    """Write side results, as from forecast.brief.side, beside the run."""
    write_json(folder / FILE, {name: _plain(value) for name, value in side.items() if name not in DRAWN_ANEW})


def kept(folder: Path) -> dict[str, Any] | None:
    """Side results of a run as they were asked before; None where they were not, or the file is spoilt."""
    try:
        held: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {name: _whole(value) for name, value in held.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def once(folder: Path, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """A frame that a run is asked for once: read from its folder, or made and written there."""
    path = folder / name
    try:
        held = _whole(json.loads(path.read_text(encoding="utf-8")))
        if isinstance(held, pd.DataFrame):
            return held
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    made = make()
    write_json(path, _plain(made))
    return made


def _plain(value: Any) -> Any:
    """Frames as plain JSON; numbers keep every digit."""
    if isinstance(value, pd.DataFrame):
        columns = {str(name): _cells(value[name]) for name in value}
        index = (
            None
            if isinstance(value.index, pd.RangeIndex)
            else {"name": value.index.name, "cells": _cells(value.index.to_series())}
        )
        return {"frame": columns, "order": [str(name) for name in value], "index": index}
    if isinstance(value, Mapping):
        return {"by": {str(name): _plain(part) for name, part in value.items()}, "order": [str(name) for name in value]}
    return {"as": value}


def _cells(column: pd.Series) -> dict[str, Any]:
    """A column with its kind: numbers of any kind, or text."""
    cells = [None if pd.isna(item) else item.item() if isinstance(item, np.generic) else item for item in column]
    return {"kind": str(column.dtype), "cells": cells}


def _whole(held: Mapping[str, Any]) -> Any:
    """What `_plain` wrote, as it was."""
    if "frame" in held:
        frame = pd.DataFrame({name: _column(held["frame"][name]) for name in held["order"]})
        if held["index"] is not None:
            frame.index = pd.Index(_column(held["index"]["cells"]), name=held["index"]["name"])
        return frame
    if "by" in held:
        return {name: _whole(held["by"][name]) for name in held["order"]}
    return held["as"]


def _column(held: Mapping[str, Any]) -> pd.Series:
    return pd.Series(held["cells"], dtype=held["kind"])
