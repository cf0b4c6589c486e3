"""Puts the built JupyterLab extension into wheel and sdist, so that whoever installs them needs no Node.

nb2prod/labextension is there (an sdist, or built before)   ->   it is taken as it is
it is missing, old or made for developers; npm is there     ->   npm ci, npm run build:prod
it is missing, no npm                                        ->   an error; NB2PROD_WITHOUT_LAB=1 builds without it
an editable install                                          ->   nothing is built; what is there is linked in
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSTALLED = "share/jupyter/labextensions/nb2prod"


class LabHook(BuildHookInterface):  # type: ignore[type-arg]
    """The hook that hatchling calls."""

    @property
    def built(self) -> Path:
        return Path(self.root, "nb2prod", "labextension")

    @property
    def sources(self) -> Path:
        return Path(self.root, "labextension")

    def dependencies(self) -> list[str]:
        """What building needs, and only then."""
        return ["jupyter-builder>=1.2,<2"] if self._must_build() and shutil.which("npm") else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable" and self._must_build():
            self._build()
        if self.target_name == "wheel" and (self.built / "package.json").is_file():
            build_data["shared_data"] = {
                **{str(path): f"{INSTALLED}/{path.name}" for path in self.built.iterdir() if path.name != "build_log.json"},
                str(self.sources / "install.json"): f"{INSTALLED}/install.json",
            }

    def _must_build(self) -> bool:
        """Whether the built extension is missing, or is not that of the sources where it could be built anew."""
        if os.environ.get("NB2PROD_WITHOUT_LAB"):
            return False
        made = self.built / "package.json"
        if not made.is_file():
            return True
        if Path(self.root, "PKG-INFO").is_file() or shutil.which("npm") is None:  # an sdist is complete
            return False
        sources = [path for name in ("src", "style", "schema") for path in (self.sources / name).rglob("*")]
        newest = max((path.stat().st_mtime for path in sources), default=0.0)
        for_developers = any((self.built / "static").glob("*.map"))
        return for_developers or newest > made.stat().st_mtime

    def _build(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "building nb2prod from its repository needs npm (Node 18 or later) for the JupyterLab extension; "
                "install it, or set NB2PROD_WITHOUT_LAB=1 to build without the extension"
            )
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        steps = (["ci"],) if not (self.sources / "node_modules").is_dir() else ()
        for words in (*steps, ["run", "build:prod"]):
            subprocess.run([npm, *words], cwd=self.sources, env=environment, check=True)
