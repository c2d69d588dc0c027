"""The working folder: params, notebooks and reports, found from the current directory upwards."""

import hashlib
from pathlib import Path

from forecast.contract import BadInput


def find_home(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` that holds params/scenarios. Raises BadInput when there is none."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "params" / "scenarios").is_dir():
            return folder
    raise BadInput(
        "no working folder",
        file=here,
        expected="a folder with params/scenarios, here or above",
        mend="change into the project's folder and run the command again",
    )


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, the first 16 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
