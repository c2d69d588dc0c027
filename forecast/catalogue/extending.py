"""Where a scenario's file lies, and its fields over those of what it extends."""

from pathlib import Path
from typing import Any

from forecast.catalogue.faults import Lines, nearest
from forecast.catalogue.yamlfile import read_yaml
from forecast.contract import BadInput


def scenario_path(name: str, home: Path, asked_in: Path | None = None, line: int | None = None) -> Path:
    """The file of a scenario given by name or by path. Raises BadInput with the nearest name, and where a file asked for it."""
    folder = home / "params" / "scenarios"
    direct = Path(name)
    if direct.suffix in (".yaml", ".yml"):
        return direct
    path = folder / f"{name}.yaml"
    if not path.exists():
        names = sorted(p.stem for p in folder.glob("*.yaml"))
        key = "extends" if asked_in else None
        expected, mend = ", ".join(names), nearest(name, names)
        raise BadInput("unknown scenario", file=asked_in, line=line, key=key, found=name, expected=expected, mend=mend)
    return path


def merged(path: Path, home: Path, above: tuple[str, ...] = ()) -> tuple[dict[str, Any], Lines]:
    """The fields of a scenario over those of what it extends."""
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise BadInput("a scenario is a list of named fields", file=path, line=1, found=type(data).__name__)
    parent = data.get("extends")
    if parent is None:
        return data, lines
    if not isinstance(parent, str) or parent in (*above, path.stem):
        raise BadInput(
            "a scenario that extends itself", file=path, line=lines.get(("extends",)), key="extends",
            found=" -> ".join((*above, path.stem, str(parent))),
        )  # fmt: skip
    base, _ = merged(scenario_path(parent, home, path, lines.get(("extends",))), home, (*above, path.stem))
    theirs, own = (fields.get("overrides") or {} for fields in (base, data))
    if isinstance(theirs, dict) and isinstance(own, dict):
        data = {**data, "overrides": {**theirs, **own}}
    return {**base, **data}, lines
