"""The rewrite `spelled_imports`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.spelled_imports import rewrite

CASES = [
    ("__import__('os').chdir('data')\n", "os.chdir('data')\n"),
    ("__import__('subprocess').run(['a'], stdout=__import__('subprocess').PIPE)\n", "subprocess.run(['a'], stdout=subprocess.PIPE)\n"),
]
LEFT_ALONE = ["__import__(name).x\n", "__import__('json').dumps(1)\n", "__import__('os', globals())\n", "x.__import__('os')\n"]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code) == code
