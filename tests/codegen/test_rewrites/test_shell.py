"""The rewrite `shell`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.shell import rewrite

BOUND = ("folder", "names")
CASES = [
    ("get_ipython().system('ls -l')\n", "subprocess.run('ls -l', shell=True, check=False, stderr=subprocess.STDOUT)\n"),
    (
        "get_ipython().system('ls {folder} > x')\n",
        "subprocess.run(f'ls {folder} > x', shell=True, check=False, stderr=subprocess.STDOUT)\n",
    ),
    ("get_ipython().system('ls $folder')\n", "subprocess.run(f'ls {folder}', shell=True, check=False, stderr=subprocess.STDOUT)\n"),
    ("get_ipython().system('ls {names[0]}')\n", "subprocess.run(f'ls {names[0]}', shell=True, check=False, stderr=subprocess.STDOUT)\n"),
    (
        "get_ipython().system('ls {names[\"a\"]}')\n",
        "subprocess.run('ls {}'.format(names[\"a\"]), shell=True, check=False, stderr=subprocess.STDOUT)\n",
    ),
    ("get_ipython().system('echo $$HOME')\n", "subprocess.run('echo $HOME', shell=True, check=False, stderr=subprocess.STDOUT)\n"),
    (
        "get_ipython().system('echo $HOME {folder}')\n",
        "subprocess.run('echo $HOME {folder}', shell=True, check=False, stderr=subprocess.STDOUT)\n",
    ),
    (
        "get_ipython().system(\"awk '{print $1}' x\")\n",
        "subprocess.run(\"awk '{print $1}' x\", shell=True, check=False, stderr=subprocess.STDOUT)\n",
    ),
    ("get_ipython().system_raw('a {}'.format(b))\n", "subprocess.run('a {}'.format(b), shell=True, check=False)\n"),
    (
        "files = get_ipython().getoutput('ls')\n",
        "files = subprocess.run('ls', shell=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.splitlines()\n",
    ),
]
LEFT_ALONE = [
    "get_ipython().system(*command)\n",
    "get_ipython().magic(command)\n",
    "get_ipython().run_line_magic('who', '')\n",
    "os.system('ls')\n",
    "x = \"get_ipython().system('ls')\"\n",
]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
