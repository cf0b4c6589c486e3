"""The command line of a process of our own: one of our modules, with nothing of the user's on its import path, and with Jupyter's secrets taken away.

module_command("nb2prod", "run", "churn")   ->   [python, "-I", "-c", "...", "", "nb2prod", "run", "churn"]
"""

from __future__ import annotations

import os
import signal
import site
import sys

START = "import runpy, sys; sys.path.extend(filter(None, [sys.argv.pop(1)])); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
WORKER = "nb2prod.server.worker"
# Tells a worker that serves to give up its question; None where there are no such signals.
OUTDATED: signal.Signals | None = getattr(signal, "SIGUSR1", None)
# What opens this server or its hub to whoever knows it.
SECRETS = ("JUPYTER_TOKEN", "JUPYTERHUB_", "JPY_", "JUPYTER_SERVER_", "CONFIGPROXY_")


def module_command(module: str, *words: str) -> list[str]:
    """The command that runs a module: isolated, so that neither the working directory nor PYTHONPATH can stand in for a library."""
    own = site.getusersitepackages() if site.ENABLE_USER_SITE else ""  # -I leaves out what `pip install --user` put there
    return [sys.executable, "-I", "-c", START, own, module, *words]


def worker_environment(place: str) -> dict[str, str]:
    """The environment of a worker: the server's, without the server's secrets, with temporary files in its own place."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
    return {**kept, "TMPDIR": place, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
