from __future__ import annotations

import pytest
from codegen.scaffold_example import PLAN, parameter

from nb2prod.codegen.words import config_option, help_option, option, text_of
from nb2prod.model.plan import Plan


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("010", "010"),
        (True, "true"),
        (None, "null"),
        ([1, "a"], '[1, "a"]'),
        ((1, 2), "[1, 2]"),
        ({2, 1}, "[1, 2]"),
        ({1: "a"}, '{1: "a"}'),
        ([(1, 2)], "[(1, 2)]"),
        (0.1, "0.1"),
    ],
)
def test_a_value_becomes_the_text_that_reads_back_as_it(value: object, text: str) -> None:
    assert text_of(value) == text


def test_an_option_is_quoted_for_the_shell() -> None:
    assert option(parameter("first_name", "str", "it's")) == "'--first-name=it'\"'\"'s'"


def test_own_options_make_way_for_parameters_of_the_same_name() -> None:
    taken = Plan("p", "", "", (parameter("config", "str", ""), parameter("help", "str", "")), (), (), (), (), ())
    assert (config_option(PLAN), help_option(PLAN)) == ("--config", "--help")
    assert (config_option(taken), help_option(taken)) == ("--config-file", "-h")
