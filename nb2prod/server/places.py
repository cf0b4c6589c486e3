"""Contents paths -> places on disk that are surely inside the contents root.

await places.notebook("a/churn.ipynb")      ->   the notebook as the contents manager gives it
places.folder("a/churn")                    ->   Path("/srv/notebooks/a/churn"), or 403 for "../x", ".hidden" and links that lead outside
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

LONGEST = 255  # bytes of one name, on every file system


class Places:
    """The contents manager's files, seen through its own checks and ours."""

    def __init__(self, contents: Any, scratch: Path) -> None:
        self.contents = contents
        self.scratch = scratch

    @property
    def root(self) -> Path | None:
        """The folder all contents lie in; None where they are not files on this machine."""
        if not hasattr(self.contents, "_get_os_path") or not getattr(self.contents, "root_dir", ""):
            return None
        return Path(os.path.realpath(self.contents.root_dir))

    async def notebook(self, path: str) -> dict[str, Any]:
        """The saved notebook at a contents path. Raises `HTTPError` where there is none or it may not be seen."""
        await self._refuse_hidden(path)
        model: dict[str, Any] = await ensure_async(self.contents.get(path.strip("/"), content=True, type="notebook"))
        return dict(model["content"])

    async def source(self, path: str, there: bool = True) -> Path:
        """Where a notebook lies on disk; where contents are not files, where it would lie in a folder of our own."""
        await self._refuse_hidden(path)
        if there and not await ensure_async(self.contents.file_exists(path.strip("/"))):
            raise HTTPError(404, f"{path.strip('/')}: there is no such file")
        if self.root is None:
            return self.scratch / "elsewhere" / Path(path).name
        return Path(self.contents._get_os_path(path.strip("/")))

    async def folder(self, path: str) -> Path:
        """Where a project lies or is to be written. Raises `HTTPError` for a place that is hidden, outside the root, or the root itself."""
        if self.root is None:
            raise HTTPError(501, "these contents are not files on this machine, so no folder can be written here")
        await self._refuse_hidden(path)
        found = Path(os.path.realpath(self.contents._get_os_path(path.strip("/"))))
        if self.root not in found.parents:
            raise HTTPError(403, f"{path}: this folder is not below the folder of the notebooks")
        return found

    def told(self, text: str) -> str:
        """A message with the root taken out of its paths."""
        return text.replace(f"{self.root}{os.sep}", "").replace(str(self.root), "the root folder") if self.root else text

    async def _refuse_hidden(self, path: str) -> None:
        """What a contents manager does not show is not there."""
        parts = path.replace("\\", "/").split("/")
        if any(len(part.encode("utf-8", "surrogatepass")) > LONGEST for part in parts):
            raise HTTPError(404, f"{path[:LONGEST]}...: no file has a name as long as that")
        if "\0" in path or ".." in parts or any(part.startswith(".") for part in parts if part):
            if ".." in parts or "\0" in path or not getattr(self.contents, "allow_hidden", False):
                raise HTTPError(404, f"{path}: there is no such place")
