"""The list of rewrites."""

from __future__ import annotations

from pathlib import Path

import libcst as cst

from nb2prod.codegen import rewrites
from nb2prod.codegen.names import MODULES, Names

SHARED = {"__init__", "ipython"}


def test_every_rewrite_in_the_folder_is_in_the_list() -> None:
    files = {path.stem for path in Path(rewrites.__file__).parent.glob("*.py")} - SHARED
    assert {step.__module__.rpartition(".")[2] for step in rewrites.REWRITES} == files


def test_plain_code_comes_out_as_it_went_in() -> None:
    code = 'def f(x):\n    """Doc."""\n    # why\n    return [\n        x,  # it\n        """a\n# b""",\n    ]\n'
    assert rewrites.rewrite(cst.parse_module(code), Names(MODULES)).code == code


def test_rewrites_work_together() -> None:
    code = "def f():\n    if __name__ == '__main__': get_ipython().system('ls'); display(f'x')\n"
    expected = "def f():\n    subprocess.run('ls', shell=True, check=False, stderr=subprocess.STDOUT)\n    print('x')\n"
    assert rewrites.rewrite(cst.parse_module(code), Names(MODULES)).code == expected
