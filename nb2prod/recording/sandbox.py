"""--sandbox: a command -> the same command inside bubblewrap, without network and with a file system that cannot be written to.

    closed(["/env/bin/python", "-c", "..."], engine, workspace)   ->   ["bwrap", "--ro-bind", "/", "/", "--unshare-net", ..., "/env/bin/python", ...]

Inside, the home folder and the temporary folder are empty but for the interpreter and its libraries, the copy of the notebook's folder also
stands where the original does, and that copy is the only place of the disk that can be written to.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from nb2prod.errors import ChoiceError, RunError
from nb2prod.recording.interpreters import Engine
from nb2prod.recording.workspace import Workspace

PROGRAM = "bwrap"
TRIAL = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--unshare-net", "true")
PLACES = """
import json, os, sys
programs = [os.path.dirname(sys.executable), os.path.dirname(os.path.realpath(sys.executable))]
print(json.dumps([sys.prefix, sys.base_prefix, sys.exec_prefix, *programs, *filter(None, sys.path)]))
"""
HINT = "install bubblewrap (`apt-get install bubblewrap`) and allow user namespaces, or run without --sandbox"


def check_sandbox() -> None:
    """Raises `ChoiceError` when --sandbox is asked for and this machine has no bubblewrap that works."""
    if shutil.which(PROGRAM) is None:
        raise ChoiceError("--sandbox needs bubblewrap, and there is no `bwrap` on this machine", HINT)
    done = subprocess.run([PROGRAM, *TRIAL], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30, check=False)
    if done.returncode:
        raise ChoiceError(f"--sandbox needs bubblewrap, and `bwrap` does not work here: {done.stderr.strip()}", HINT)


def closed(command: Sequence[str], engine: Engine, workspace: Workspace) -> list[str]:
    """The command in the sandbox, or as it is where the workspace is not to be closed. Raises `RunError` for a broken interpreter."""
    if not workspace.sandbox:
        return list(command)
    home = str(Path.home())
    hidden = [option for place in dict.fromkeys(("/tmp", "/home", "/root", home)) if Path(place).is_dir() for option in ("--tmpfs", place)]
    shown = [option for place in needed_places(engine) for option in ("--ro-bind", place, place)]
    return [
        *(PROGRAM, "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-net", *hidden, *shown),
        *("--bind", str(workspace.place), str(workspace.place)),
        *(("--ro-bind", str(workspace.original), str(workspace.originals)) if workspace.linked else ()),
        *(("--bind", str(workspace.root), str(workspace.original)) if len(workspace.original.parts) > 1 else ()),
        *("--setenv", "HOME", str(workspace.private), "--setenv", "TMPDIR", str(workspace.private / "tmp")),
        *("--chdir", str(workspace.folder), "--", *command),
    ]


def needed_places(engine: Engine) -> list[str]:
    """The folders the interpreter and its libraries lie in; a folder inside another that is listed is left out."""
    done = subprocess.run(
        [engine.python, "-c", PLACES], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False, cwd="/"
    )
    if done.returncode:
        raise RunError(
            f"`{engine.python}` cannot be asked where its libraries are: {done.stderr.strip()[-300:]}", "choose another with --python"
        )
    places = sorted({place for place in json.loads(done.stdout) if Path(place).is_dir() and place != "/"})
    return [place for place in places if not any(place.startswith(other.rstrip("/") + "/") for other in places)]
