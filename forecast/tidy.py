"""Tidy YAML files that keep their comments, and a check that repeats itself while someone writes."""

import io
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from forecast.catalogue.check import check_all, check_file
from forecast.catalogue.home import find_home
from forecast.catalogue.yamlfile import read_text, read_yaml
from forecast.contract import BadInput

WIDTH = 4096
"""No line is broken for its length: where one breaks is the writer's choice."""

EVERY = 0.3
"""Seconds between two looks at the files."""

Stamp = tuple[tuple[str, int, int], ...]


class _Plain(RoundTripRepresenter):
    """Writes nothing as the word null, so that nobody takes it for something forgotten."""


_Plain.add_representer(type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null"))


def tidy(text: str) -> str:
    """YAML text with the same spaces everywhere: lists set in by two, no space at the end of a line, one line end at the end.

    Comments, order, quotes and values stay.
    """
    yaml = YAML()
    yaml.Representer = _Plain
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(yaml.load(text), out)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines()) + "\n"


def tidy_files(files: Sequence[Path], home: Path | None = None, *, write: bool = True) -> list[Path]:
    """Tidy these files, or all YAML files of params; returns those that change. A file that is not YAML is refused whole.

    Raises BadInput where tidying would change a value, which would be a fault of ours.
    """
    chosen = list(files) or sorted((find_home(home) / "params").rglob("*.yaml"))
    for path in chosen:
        read_yaml(path)
    made = {path: tidy(read_text(path)) for path in chosen}
    changed = [path for path in chosen if made[path] != read_text(path)]
    for path in changed if write else []:
        before, old = read_text(path), read_yaml(path)[0]
        path.write_text(made[path], encoding="utf-8", newline="\n")
        if read_yaml(path)[0] != old:
            path.write_text(before, encoding="utf-8", newline="\n")
            raise BadInput("tidying would change a value here, so the file stays as it was", file=path)
    return changed


def watch(
    files: Sequence[Path], say: Callable[[str], None], home: Path | None = None, rounds: int | None = None, every: float = EVERY
) -> None:
    """Check now, and again at each change of a file, until stopped; a mistake is told and the watch goes on."""
    found = find_home(home)
    seen: Stamp | None = None
    while rounds is None or rounds > 0:
        stamp = _stamp(list(files) or _all(found))
        if stamp != seen:
            _tell(files, say, found)
            seen, rounds = stamp, None if rounds is None else rounds - 1
            continue
        try:
            time.sleep(every)
        except KeyboardInterrupt:
            return


def _all(home: Path) -> list[Path]:
    return sorted(path for path in (home / "params").rglob("*") if path.suffix in (".yaml", ".csv"))


def _stamp(files: Sequence[Path]) -> Stamp:
    """Names, sizes and times of files; one that is gone has none."""
    held = [(path, path.stat()) for path in files if path.exists()]
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in held)


def _tell(files: Sequence[Path], say: Callable[[str], None], home: Path) -> None:
    """One check, told with the time that it took."""
    clock = time.perf_counter()
    try:
        told = [f"{path}: {check_file(path)}" for path in files] if files else list(check_all(home))[-1:]
    except BadInput as problem:
        told = [str(problem)]
    for line in told:
        say(line)
    say(f"-- {time.strftime('%H:%M:%S')}, {time.perf_counter() - clock:.1f} s; waiting for a change, Ctrl+C ends")
