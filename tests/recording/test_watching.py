"""Which opened files count as read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from nb2prod.recording.orders import INSTALLED, write_probe

PROGRAM = """
import json, os, sqlite3, sys
sys.path.insert(0, {private!r})
from {package}.watching import Watch
watch = Watch({root!r}, os.getcwd(), {private!r})
for path in ("a.csv", "../up.csv", "a.csv", {outside!r}, "/etc/passwd"):
    open(path, "rb").close()
for path, mode in (("b.csv", "r+"), ("w.csv", "w")):
    open(path, mode).close()
os.close(os.open("c.csv", os.O_RDONLY))
sqlite3.connect("d.db").close()
open({private!r} + "/p", "w").close()
open({private!r} + "/p").close()
try:
    open("gone.csv")
except FileNotFoundError:
    pass
print(json.dumps(watch.reads()), watch.launched())
os.system("true")
watch.stop()
open("late.csv").close()
print(json.dumps(watch.reads()), watch.launched())
"""


def test_files_read_are_relative_to_the_notebooks_folder_or_absolute_when_outside_the_copy(tmp_path: Path) -> None:
    folder, private, outside = tmp_path / "root" / "nbs", tmp_path / "private", tmp_path / "elsewhere.csv"
    for path in (folder, private):
        path.mkdir(parents=True)
    for path in (outside, folder.parent / "up.csv", *(folder / name for name in ("a.csv", "b.csv", "c.csv", "d.db", "late.csv"))):
        path.write_text("")
    write_probe(private)
    program = PROGRAM.format(package=INSTALLED, root=str(folder.parent), private=str(private), outside=str(outside))
    told = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True).stdout
    reads = json.dumps(["a.csv", "../up.csv", str(outside), "b.csv", "c.csv", "d.db"])
    assert told == f"{reads} False\n{reads} True\n"
