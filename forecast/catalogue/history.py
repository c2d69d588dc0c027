"""Tables whose rows add up: no row twice, no quarter left out, every class where it belongs."""

from pathlib import Path

import pandas as pd

from forecast.catalogue.schema import COUNTED
from forecast.contract import BadInput
from forecast.names import FORKS, label_quarter, parse_quarter, quarters_between
from forecast.scenario import FIRST
from forecast.units import factor

KEYS: dict[str, list[str]] = {
    "correlations.csv": ["name"],
    "branches.csv": ["regime"],
    "forks.csv": ["fork", "form"],
    "turning_points.csv": ["when"],
    "gpus/class_values.csv": ["gpu_class", "variable"],
    "fabs/mix.csv": ["quarter", "gpu_class"],
    "fabs/line_capacity.csv": ["fab", "year"],
    "fabs/memory_mix.csv": ["series", "quarter", "generation"],
    "supply/diverted_mix.csv": ["quarter", "gpu_class"],
    "supply/nvidia_mix.csv": ["quarter", "gpu_class"],
    "supply/world_mix.csv": ["series", "quarter", "gpu_class"],
    "supply/offshore_countries.csv": ["quarter", "country"],
    "history/acquisitions.csv": ["series", "channel", "gpu_class", "quarter", "role"],
    "history/diverted.csv": ["quarter", "role"],
    "history/world.csv": ["series", "quarter", "role"],
    "history/training_runs.csv": ["developer", "run"],
    "demand/buyers.csv": ["buyer", "year"],
    "demand/sectors.csv": ["buyer", "sector"],
    "history/series.csv": ["series", "quarter", "source"],
    "fitted/diagnostics.csv": ["series", "form"],
    "fitted/ramps.csv": ["series", "form"],
    "units.csv": ["counts", "amount"],
}
"""What names a row; a second row of the same name would be added or lost without a word."""

WHOLE: dict[str, list[str]] = {
    "history/diverted.csv": [],
    "history/world.csv": ["series"],
    "history/acquisitions.csv": ["gpu_class", "channel"],
}
"""Series whose quarters follow each other without a gap, by the columns that name one; licensed flows may pause."""

CLASS_UNITS = {
    "h100e": "H100e/chip",
    "bandwidth": "TB/s",
    "tdp": "W",
    "price": "USD/chip",
    "stacks": "stack/chip",
    "dies": "die/chip",
    "slots": "slot/chip",
}


def check_tables(params: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Raise BadInput with the line of the first row that stands twice, leaves a gap, or does not belong."""
    for name, keys in KEYS.items():
        frame = tables[name]
        twice = frame[frame.duplicated(keys)]
        if len(twice):
            row = twice.iloc[0]
            raise BadInput(
                "the same row twice", file=params / name, line=int(row["line"]), found=" ".join(str(row[k]) for k in keys)
            )
    for name, keys in WHOLE.items():
        frame = tables[name][tables[name]["role"] == "input"]
        if "channel" in frame:
            frame = frame[frame["channel"] == "domestic"]
        for _, rows in frame.groupby(keys) if keys else [("", frame)]:
            _no_gap(params / name, rows)
    _classes(params, tables)
    _forks(params / "forks.csv", tables["forks.csv"])
    _units(params / "units.csv", tables["units.csv"])


def _no_gap(path: Path, rows: pd.DataFrame) -> None:
    """Each quarter from a series' first to its last has a row; none lies before the first quarter of a run."""
    found = sorted(rows["quarter"].unique())
    if found[0] < FIRST:
        row = rows[rows["quarter"] == found[0]].iloc[0]
        raise BadInput(
            "a quarter before the first", file=path, line=int(row["line"]), found=found[0], expected=f"{FIRST} or later"
        )
    for quarter in quarters_between(found[0], found[-1]):
        if label_quarter(quarter) not in found:
            after = rows[[parse_quarter(q) > quarter.to_datetime64() for q in rows["quarter"]]].iloc[0]
            raise BadInput(
                "a quarter is left out", file=path, line=int(after["line"]), found="no row", expected=label_quarter(quarter)
            )


def _forks(path: Path, frame: pd.DataFrame) -> None:
    """Every fork has both its forms and no other, and their weights add up to one."""
    for fork, forms in FORKS.items():
        rows = frame[frame["fork"] == fork]
        line = int(rows["line"].iloc[0]) if len(rows) else 1
        if set(rows["form"]) != set(forms):
            raise BadInput(
                "the forms of a fork", file=path, line=line, key=fork, found=", ".join(rows["form"]), expected=", ".join(forms)
            )
        if abs(rows["weight"].sum() - 1.0) > 1e-6:
            raise BadInput(
                "weights do not add up", file=path, line=line, key=fork, found=f"{rows['weight'].sum():.4f}", expected="1"
            )


def _units(path: Path, frame: pd.DataFrame) -> None:
    """Every unit of compute is stated in the unit of what it counts."""
    for row in frame.to_dict("records"):
        if row["of"] != COUNTED[row["counts"]]:
            raise BadInput(
                "a unit of another kind", file=path, line=row["line"], key="of", found=row["of"], expected=COUNTED[row["counts"]]
            )


def _classes(params: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Chinese packages are Chinese, licensed chips are not, windows are in order, units of class values are of their kind."""
    classes = tables["gpus/classes.csv"].set_index("gpu_class")
    for row in tables["gpus/classes.csv"].itertuples():
        if row.first_quarter > row.last_quarter:
            raise BadInput(
                "sold last before it is sold first", file=params / "gpus/classes.csv", line=row.line, key=row.gpu_class
            )
    for name, channel, origin in (
        ("fabs/mix.csv", None, "CN"),
        ("supply/nvidia_mix.csv", None, "US"),
        ("supply/world_mix.csv", None, "US"),
        ("history/acquisitions.csv", "domestic", "CN"),
        ("history/acquisitions.csv", "licensed", "US"),
    ):
        frame = tables[name] if channel is None else tables[name][tables[name]["channel"] == channel]
        for row in frame.itertuples():
            if classes.loc[row.gpu_class, "origin"] != origin:
                raise BadInput(
                    "a class of the other origin",
                    file=params / name,
                    line=row.line,
                    found=row.gpu_class,
                    expected=f"origin {origin}",
                )
    for row in tables["history/acquisitions.csv"].itertuples():
        if row.channel in ("diverted", "offshore"):
            raise BadInput(
                "a channel that has its own inputs", file=params / "history/acquisitions.csv", line=row.line, found=row.channel,
                expected="licensed or domestic; diverted chips stand in history/diverted.csv",
            )  # fmt: skip
    for row in tables["gpus/class_values.csv"].itertuples():
        try:
            factor(row.unit, CLASS_UNITS[row.variable])
        except ValueError:
            raise BadInput(
                "a unit of another kind", file=params / "gpus/class_values.csv", line=row.line, found=row.unit,
                expected=CLASS_UNITS[row.variable],
            ) from None  # fmt: skip
