"""Figures as files: drawn by two processes, and left as they are where all that they rest on is what it was."""

import hashlib
import importlib.metadata
import json
import multiprocessing
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from forecast.catalogue.home import digest
from forecast.figures.frame import Drawing, font_files, save
from forecast.language import spoken

KINDS = ("svg", "png", "csv")
RECORD = "drawn.json"
"""What the files of a folder were drawn from, and the hash of each."""


def drawn_from(*rests_on: str) -> str:
    """A key for figures: the texts that name data and code, the language spoken, and the fonts and matplotlib that draw them."""
    fonts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in font_files()]
    whole = json.dumps([rests_on, spoken(), importlib.metadata.version("matplotlib"), fonts])
    return hashlib.sha256(whole.encode()).hexdigest()


def save_all(drawings: Iterable[Drawing], folder: Path, key: str | None = None) -> list[str]:
    """Write figures into a folder that holds no other file afterwards; returns the names of those that were drawn.

    A figure whose files were drawn from the same `key` and are what they were then is left alone. Without a key all are drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {drawing.name: drawing for drawing in drawings}
    held = _held(folder, key) if key is not None else {}
    kept = {name: files for name, files in held.items() if name in wanted}
    for path in folder.iterdir():
        if path.is_file() and path.stem not in kept:
            path.unlink()
    fresh = [drawing for name, drawing in wanted.items() if name not in kept]
    _draw(fresh, folder)
    if key is not None:
        made = {drawing.name: _files(folder, drawing.name) for drawing in fresh}
        (folder / RECORD).write_text(json.dumps({"key": key, "files": kept | made}, indent=1, sort_keys=True) + "\n")
    return [drawing.name for drawing in fresh]


def _held(folder: Path, key: str) -> dict[str, dict[str, str]]:
    """Figures of a folder that were drawn from the key and that nobody has changed since, with the hashes of their files."""
    try:
        record = json.loads((folder / RECORD).read_text())
        files = record["files"] if record["key"] == key else {}
        return {name: hashes for name, hashes in files.items() if _files(folder, name) == hashes}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _files(folder: Path, name: str) -> dict[str, str]:
    return {kind: digest(path) for kind in KINDS if (path := folder / f"{name}.{kind}").is_file()}


def _draw(drawings: Sequence[Drawing], folder: Path) -> None:
    """Save figures, every second one in a process of its own where one can be split off; a failure there is met again here."""
    if sys.platform != "linux" or len(drawings) < 2:
        return _save_each(drawings, folder)
    other = multiprocessing.get_context("fork").Process(target=_save_each, args=(drawings[1::2], folder))
    other.start()
    try:
        _save_each(drawings[::2], folder)
    finally:
        other.join()
    return None if other.exitcode == 0 else _save_each(drawings[1::2], folder)


def _save_each(drawings: Sequence[Drawing], folder: Path) -> None:
    for drawing in drawings:
        save(drawing, folder)
