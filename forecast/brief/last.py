"""Change since the last brief: headlines of published briefs in one table, the newest earlier one set beside a run's own."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.contract import BadInput
from forecast.tables import Rows, Scope

FILE = Path("reports") / "published" / "headlines.csv"
COLUMNS = ("scenario", "published", "as_of", "run", "code", "params", "regime", "channel", "quarter", "kind", "p05", "p50", "p95")
CHANNELS = ("accessible", "onshore")


def headlines(rows: Rows, scope: Scope, provenance: Mapping[str, Any], scenario: str, published: dt.date) -> pd.DataFrame:
    """The headlines of a run as rows of the table: stocks under the base, paired changes under the others. [H100e]"""
    told = []
    for regime in scope.titles:
        kind, variable = ("stock", "compute_nominal") if regime == scope.base else ("change", "effect:compute_nominal")
        for channel in CHANNELS:
            numbers = [
                rows.value(variable, statistic, regime=regime, channel=channel, quarter=scope.headline)
                for statistic in ("p05", "p50", "p95")
            ]
            told.append((regime, channel, scope.headline, kind, *numbers))
    frame = pd.DataFrame(told, columns=list(COLUMNS[6:]))
    marks = (
        scenario,
        published.isoformat(),
        scope.as_of,
        *(provenance[key] for key in ("fingerprint", "code_version", "params_hash")),
    )
    return frame.assign(**dict(zip(COLUMNS[:6], marks, strict=True)))[list(COLUMNS)]


def published_headlines(home: Path) -> pd.DataFrame:
    """All published headlines, oldest first. Raises BadInput when the table lacks columns."""
    path = home / FILE
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.read_csv(path, dtype=dict.fromkeys(COLUMNS[:-3], str), keep_default_na=False)
    if missing := [name for name in COLUMNS if name not in table]:
        raise BadInput(
            "the table of published headlines lacks columns", file=path, found=", ".join(table), expected=", ".join(missing)
        )
    return table


def last_brief(home: Path, scenario: str, fingerprint: str) -> pd.DataFrame:
    """The newest published headlines of a scenario that are older than the run's own, or of another run; empty if none."""
    table = published_headlines(home)
    table = table[table["scenario"] == scenario]
    runs = list(dict.fromkeys(table["run"]))
    before = runs[: runs.index(fingerprint)] if fingerprint in runs else runs
    return table[table["run"] == before[-1]] if before else table.iloc[:0]


def enter(home: Path, rows: pd.DataFrame) -> Path:
    """Add a brief's headlines to the table of published ones; those of the same run are replaced where they stand."""
    path, table = home / FILE, published_headlines(home)
    run = rows["run"].iloc[0]
    runs = list(dict.fromkeys([*table["run"], run]))
    parts = [rows if name == run else table[table["run"] == name] for name in runs]
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.concat(parts, ignore_index=True).to_csv(path, index=False, lineterminator="\n", float_format="%.6g")
    return path
