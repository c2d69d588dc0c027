"""Completion and errors as one types in JupyterLab: the YAML language server, where it has been set up (`make editor`).

It needs Node and two things that are not in the lock: jupyterlab-lsp and, under .editor, yaml-language-server. A file names its
schema in its first line, as `forecast new` writes it.
"""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

SERVER = "yaml-language-server"
FOLDER = ".editor"
"""Where npm puts the language server, in the working folder."""

LSP_SPEC = 2
"""Version of the description of a server that jupyter-lsp reads."""


def lacking(home: Path) -> str | None:
    """What is missing for completion in JupyterLab, as one sentence; nothing where all is there."""
    if importlib.util.find_spec("jupyterlab_lsp") is None:
        return "jupyterlab-lsp is not installed: make editor"
    if not _program(home).is_file():
        return f"no {SERVER} in {FOLDER}: make editor"
    return None if shutil.which("node") else "Node is not installed: it runs the language server"


def prepared(home: Path) -> Path | None:
    """A folder of Jupyter settings that start the language server on YAML files; none where something is missing."""
    if lacking(home):
        return None
    server: dict[str, Any] = {
        "argv": [str(shutil.which("node")), str(_program(home)), "--stdio"],
        "languages": ["yaml"], "mime_types": ["text/x-yaml", "text/yaml"], "version": LSP_SPEC, "display_name": SERVER,
    }  # fmt: skip
    manager = {"language_servers": {SERVER: server}, "virtual_documents_dir": f"{FOLDER}/documents"}
    folder = home / FOLDER / "settings"
    folder.mkdir(exist_ok=True)
    text = json.dumps({"LanguageServerManager": manager}, indent=1)
    (folder / "jupyter_server_config.json").write_text(text, encoding="utf-8")
    return folder


def _program(home: Path) -> Path:
    """The language server's program."""
    return home / FOLDER / "node_modules" / SERVER / "bin" / SERVER
