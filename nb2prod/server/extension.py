"""A running Jupyter server -> the same server with our routes, and with no process of ours left when it stops.

c.Limits.running = 1        (jupyter_server_config.py)        ->   one conversion at a time
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

from jupyter_server.utils import url_path_join

from nb2prod.leftovers import stale_folders, temporary_folder
from nb2prod.server.analyst import Analyst
from nb2prod.server.handlers import ROUTES
from nb2prod.server.jobs import Jobs
from nb2prod.server.limits import Limits
from nb2prod.server.places import Places

PREFIX = "nb2prod-server-"


def load(application: Any) -> None:
    """Add the routes under the server's base URL."""
    limits = Limits(config=application.config)
    scratch = own_folder(Path(tempfile.gettempdir()))
    analysts = tuple(Analyst(scratch / name, limits) for name in ("analysis", "preview"))
    jobs = Jobs(scratch / "jobs", limits)
    atexit.register(close, scratch, analysts, jobs)
    shared = {"places": Places(application.contents_manager, scratch), "analysts": analysts, "jobs": jobs, "limits": limits}
    application.web_app.settings["nb2prod"] = shared
    base = application.web_app.settings["base_url"]
    application.web_app.add_handlers(
        ".*$", [(url_path_join(base, "nb2prod", route), handler, {"shared": shared}) for route, handler in ROUTES]
    )
    application.log.info("nb2prod: %d routes, at most %d jobs at once", len(ROUTES), limits.running)


def own_folder(parent: Path) -> Path:
    """A new folder for this server's processes; those of servers that were killed are removed."""
    for folder in stale_folders(parent, PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
    return temporary_folder(parent, PREFIX)


def close(scratch: Path, analysts: tuple[Analyst, ...], jobs: Jobs) -> None:
    """End every process and remove every file of ours."""
    for analyst in analysts:
        analyst.kill()
    jobs.kill()
    shutil.rmtree(scratch, ignore_errors=True)
