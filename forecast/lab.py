"""JupyterLab on the notebooks folder, and the explorer as a page of its own: with a token, this machine only."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from forecast.catalogue.home import find_home
from forecast.catalogue.load import nearest
from forecast.contract import BadInput
from forecast.editor import prepared

LOOPBACK = "127.0.0.1"
OPENING = ("ip", "token", "password", "hashed_password", "allow_remote_access", "auto_token", "tornado_settings")
"""Options of Jupyter by which a lab would be opened to other machines or lose its token."""


SETTINGS = Path(__file__).parent
"""Where our own settings of JupyterLab lie (labconfig): no news is fetched and nobody is asked whether to."""

START = "00_start_here"
"""The notebook that opens when none is named."""


def lab_command(notebook: str | None = None, extra: Sequence[str] = (), home: Path | None = None) -> tuple[list[str], Path]:
    """The command that opens JupyterLab, and the folder to start it in. Raises BadInput where there is nothing to open.

    Jupyter makes a new token at each start; it is neither set nor switched off here.
    """
    found = find_home(home)
    folder = found / "notebooks"
    names = sorted(path.stem for path in folder.glob("*.ipynb"))
    if not names:
        raise BadInput("no notebooks here", file=folder, expected="at least one .ipynb file", mend="restore the notebooks folder")
    place = f"notebooks/{START}.ipynb" if START in names else "notebooks"
    if notebook is not None:
        stem = notebook.removesuffix(".ipynb").removeprefix("notebooks/")
        if stem not in names:
            raise BadInput("no such notebook", file=folder, found=notebook, expected=", ".join(names), mend=nearest(stem, names))
        place = f"notebooks/{stem}.ipynb"
    refused = [word for word in extra if word.split("=")[0].lstrip("-").split(".")[-1] in OPENING]
    if refused:
        raise BadInput(
            "an option that would open the lab to others", found=refused[0], mend=f"leave it out: the lab stays on {LOOPBACK}"
        )
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.ip={LOOPBACK}", "--ServerApp.allow_remote_access=False"]
    command.append("--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate")
    return [*command, f"--ServerApp.root_dir={found}", f"--LabApp.default_url=/lab/tree/{place}", *extra], found


EXPLORER = "80_explorer"
POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    f"connect-src 'self' ws://{LOOPBACK}:* ws://localhost:*; form-action 'self'; base-uri 'self'"
)
"""What the explorer's page may load: its own server's files and nothing else, so that no request leaves this machine."""


def explore_command(extra: Sequence[str] = (), home: Path | None = None) -> tuple[list[str], Path]:
    """The command that shows the explorer without code cells, and the folder to start it in. Raises BadInput as lab_command."""
    _, found = lab_command(EXPLORER, extra, home)
    headers = f"--Voila.tornado_settings={{'headers': {{'Content-Security-Policy': {POLICY!r}}}}}"
    command = [sys.executable, "-m", "voila", f"notebooks/{EXPLORER}.ipynb", f"--Voila.ip={LOOPBACK}", "--Voila.auto_token=True"]
    return [*command, "--VoilaConfiguration.strip_sources=True", "--theme=light", headers, *extra], found


def _become(command: list[str]) -> NoReturn:
    """Replace this process by the server; Windows has no such thing, there it waits for the server to end."""
    if os.name == "nt":
        raise SystemExit(subprocess.call(command))
    os.execv(command[0], command)


def open_explorer(extra: Sequence[str] = ()) -> NoReturn:
    """Become the explorer's server: this process is replaced, so that stopping it stops the server."""
    command, folder = explore_command(extra)
    os.chdir(folder)
    _become(command)


def open_lab(notebook: str | None = None, extra: Sequence[str] = ()) -> NoReturn:
    """Become JupyterLab: this process is replaced, so that stopping it stops the server; YAML is completed where set up."""
    command, folder = lab_command(notebook, extra)
    os.chdir(folder)
    paths = [os.environ.get("JUPYTER_CONFIG_PATH"), prepared(folder), SETTINGS]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(str(path) for path in paths if path)
    _become(command)
