"""The rewrite `scripts`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.scripts import rewrite

BOUND = ()
CASES = [
    ("get_ipython().run_cell_magic('bash', '', 'echo a\\n')\n", 'subprocess.run(["bash", "-c", \'echo a\\n\'], check=True)\n'),
    ("get_ipython().run_cell_magic('sh', '', 'a\\nb\\n')\n", 'subprocess.run(["sh", "-c", """a\nb\n"""], check=True)\n'),
    ("get_ipython().run_cell_magic('script', 'bash', 'a\\n\"\"\"\\n')\n", 'subprocess.run(["bash", "-c", \'a\\n"""\\n\'], check=True)\n'),
]
LEFT_ALONE = [
    "get_ipython().run_cell_magic('bash', '--out x', 'echo a')\n",
    "get_ipython().run_cell_magic('R', '', 'x <- 1')\n",
    "get_ipython().run_cell_magic('bash', '')\n",
]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
