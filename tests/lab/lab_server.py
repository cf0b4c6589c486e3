"""A real JupyterLab with our extension, tokened, in folders of its own, as a process.

with lab_server(folder) as lab: page.goto(lab.address("churn.ipynb"))
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.extension_build import BUILT


@dataclass
class Lab:
    """A running server."""

    command: list[str]
    environment: dict[str, str]
    base: str
    token: str
    root: Path
    place: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start the server and wait until it answers: the first time, or again at the same address."""
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=self.place, stdout=out, stderr=out, start_new_session=True
            )
        await_answer(self)

    def kill(self) -> None:
        """End the server as a crash does: it can do nothing about it, and neither are its children told."""
        self.process.kill()
        self.process.wait()

    @property
    def log(self) -> Path:
        return self.place / "server.log"

    def address(self, path: str = "") -> str:
        return f"{self.base}lab/tree/{path}?token={self.token}&reset"

    def ask(self, route: str) -> Any:
        request = urllib.request.Request(self.base + route, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)


@contextlib.contextmanager
def lab_server(root: Path, place: Path, *options: str) -> Iterator[Lab]:
    """A server over the notebooks in `root`, with everything else of it in `place`; gone at the end with all it started."""
    settings = place / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8"
    )
    extensions = place / "share" / "labextensions"
    extensions.mkdir(parents=True)
    (extensions / "nb2prod").symlink_to(BUILT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(12)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST"))},
        "HOME": str(place),
        "JUPYTER_PATH": str(place / "share"),
        "JUPYTERLAB_SETTINGS_DIR": str(place / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(place / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
    }
    command = [
        *(
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--ServerApp.port_retries=0",
        ),
        *(
            f"--ServerApp.root_dir={root}",
            f"--IdentityProvider.token={token}",
            "--ServerApp.base_url=/base/",
            "--LabApp.expose_app_in_browser=True",
        ),
        *("--ServerApp.jpserver_extensions={'nb2prod.server': True}", *options),
    ]
    lab = Lab(command, environment, f"http://127.0.0.1:{port}/base/", token, root, place)
    try:
        lab.start()
        yield lab
    finally:
        end(lab.process)


def await_answer(lab: Lab, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if lab.process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            lab.ask("nb2prod/status")
            return
        time.sleep(0.2)
    log = lab.log.read_text(encoding="utf-8", errors="replace")
    raise AssertionError(f"the server did not start:\n{log[-3000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End the server's whole group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
