"""The rewrite `top_level_await`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.top_level_await import rewrite

BOUND = ()
RUNS = """    # A thread of its own: an event loop may already run here, as it does in a notebook.
    with futures.ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, f_async({})).result()
"""
CASES = [
    (
        'def f(url: str) -> str:\n    """Get."""\n    page = await get(url)\n    return page\n',
        "async def f_async(url: str) -> str:\n    page = await get(url)\n    return page\n"
        'def f(url: str) -> str:\n    """Get."""\n' + RUNS.format("url=url"),
    ),
    (
        "def f():\n    async for i in x: print(i)\n",
        "async def f_async():\n    async for i in x: print(i)\ndef f():\n" + RUNS.format(""),
    ),
]
LEFT_ALONE = [
    "async def f():\n    await g()\n",
    "def f():\n    async def g():\n        await h()\n    return g\n",
    "def f():\n    return asyncio.run(g())\n",
]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
