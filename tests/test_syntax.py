"""Trees and their nodes, each worked out once."""

from __future__ import annotations

import ast

import pytest

from nb2prod.model.syntax import LONG, nodes_of, parse, parsed


@pytest.mark.parametrize("source", ["", "x = [1, *y]\n", "async def f(a, *, b: int = 2):\n    return {k: v async for k, v in a}\n", "await x"])
def test_the_nodes_are_those_of_ast_walk_in_its_order_without_load_and_store(source: str) -> None:
    tree = parse(source)
    assert nodes_of(tree) == tuple(node for node in ast.walk(tree) if not isinstance(node, ast.expr_context))
    assert nodes_of(tree) is nodes_of(tree)


def test_the_same_text_has_one_shared_tree_and_as_many_of_their_own_as_are_asked_for() -> None:
    assert parsed("x = 1") is parsed("x = 1")
    assert parse("x = 1") is not parse("x = 1")


def test_long_texts_are_not_kept() -> None:
    assert parsed("x = 1\n" * LONG) is not parsed("x = 1\n" * LONG)
