"""Knowledge files are read into rules, and one that breaks the schema is refused with the place and the next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import pytest

from nb2prod.errors import KnowledgeError
from nb2prod.knowledge import Argument, Condition, Knowledge, Resource, Rule, Target, TypeRule, load_knowledge
from nb2prod.knowledge.load import FOLDER, read_argument, read_target, tomllib


def read(folder: Path, text: str) -> Knowledge:
    (folder / "lib.toml").write_text(text, encoding="utf-8")
    return load_knowledge(folder)


def test_a_function_entry_becomes_one_rule_for_each_of_its_names(tmp_path: Path) -> None:
    knowledge = read(
        tmp_path,
        """
        [[functions]]
        names = ["lib.read", "lib.scan"]
        updates = ["self if inplace", "rng:numpy unless 2|random_state", "0|a if copy=False"]
        sets = ["rng:random"]
        uses = ["cwd"]
        stores = ["*"]
        reads = ["file:0|path", "network"]
        writes = ["database:con"]
        returns = "lib.Table"
        returns_with = { chunksize = "lib.Chunks" }
        shares = ["1|base"]
        shows = "peek"
        """,
    )
    rule = Rule(
        updates=(
            Target(Argument(None, "self"), condition=Condition(Argument(None, "inplace"))),
            Target(ambient="rng:numpy", condition=Condition(Argument(2, "random_state"), given=False)),
            Target(Argument(0, "a"), condition=Condition(Argument(None, "copy"), value=False)),
        ),
        sets=("rng:random",),
        uses=("cwd",),
        stores=(Argument(None, "*"),),
        reads=(Resource("file", Argument(0, "path")), Resource("network")),
        writes=(Resource("database", Argument(None, "con")),),
        returns="lib.Table",
        returns_with={"chunksize": "lib.Chunks"},
        shares=(Argument(1, "base"),),
        shows="peek",
    )
    assert knowledge.functions == {"lib.read": rule, "lib.scan": rule}


def test_a_type_entry_becomes_a_type_rule(tmp_path: Path) -> None:
    knowledge = read(tmp_path, '[[types]]\nname = "lib.T"\nbases = ["lib.B"]\nmutable = false\nitem = "int"\nattributes = { a = "self" }\n')
    assert knowledge.types == {"lib.T": TypeRule("lib.T", ("lib.B",), mutable=False, item="int", attributes={"a": "self"})}


def test_a_method_is_found_through_bases_nearest_first_and_star_serves_the_rest(tmp_path: Path) -> None:
    knowledge = read(
        tmp_path,
        """
        types = [{ name = "lib.A" }, { name = "lib.B", bases = ["lib.A"] }]
        methods = [
            { of = ["lib.A"], names = ["f"], returns = "int" },
            { of = ["lib.A"], names = ["*"], returns = "str" },
            { of = ["lib.B"], names = ["f"], returns = "float" },
        ]
        """,
    )
    found = [knowledge.method(*at) for at in (("lib.B", "f"), ("lib.A", "f"), ("lib.B", "g"), ("lib.C", "f"))]
    assert found == [Rule(returns="float"), Rule(returns="int"), Rule(returns="str"), None]


def test_a_family_serves_deeper_names_without_a_rule_of_their_own(tmp_path: Path) -> None:
    knowledge = read(tmp_path, 'functions = [{ names = ["lib.m.*"], returns = "float" }, { names = ["lib.m.f"], returns = "int" }]')
    found = [knowledge.function(name) for name in ("lib.m.f", "lib.m.g", "lib.m.deep.g", "lib.f")]
    assert found == [Rule(returns="int"), Rule(returns="float"), Rule(returns="float"), None]


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("0|x", Argument(0, "x")),
        ("2", Argument(2)),
        ("x", Argument(None, "x")),
        ("self", Argument(None, "self")),
        ("*", Argument(None, "*")),
    ],
)
def test_an_argument_is_read_from_its_text(text: str, argument: Argument) -> None:
    assert read_argument(text) == argument


def test_a_condition_may_name_a_position_and_a_value() -> None:
    assert read_target("0|x if 1|copy=False", "here") == Target(Argument(0, "x"), condition=Condition(Argument(1, "copy"), value=False))


RULE_KEYS = "names, reads, returns, returns_with, sets, shares, shows, stores, updates, uses, writes"
AMBIENT_LIST = (
    "one of cwd, decimal, figure, keras.session, locale, logging, matplotlib.rcParams, numpy.errstate, numpy.printoptions, os.environ, "
    "pandas.options, plotly.options, rng:numpy, rng:random, rng:tensorflow, rng:torch, seaborn.theme, sklearn.config, stdin, stdout, sys.modules, "
    "sys.path, warnings"
)
REFUSED = [
    ("functions = [", "lib.toml is not valid TOML: ", "mend the line it names"),
    ("[[functons]]\n", "lib.toml: unknown key 'functons'", "known keys: about, functions, library, methods, types"),
    (
        '[[types]]\nname = "lib.T"\nmutible = false\n',
        "lib.toml: type lib.T: unknown key 'mutible'",
        "known keys: attributes, bases, consumed, item, iterates, mutable, name, shows, spares_data",
    ),
    ('[[functions]]\nnames = ["lib.f"]\nreturn = "int"\n', "lib.toml: lib.f: unknown key 'return'", f"known keys: {RULE_KEYS}"),
    ('[[functions]]\nreturns = "int"\n', "lib.toml: (no names): the key 'names' is missing", "say which names the rule is for"),
    ('[[methods]]\nnames = ["f"]\n', "lib.toml: f: the key 'of' is missing", "say which names the rule is for"),
    (
        '[[functions]]\nnames = ["lib.f"]\nshows = "glance"\n',
        "lib.toml: lib.f: shows = 'glance' is none of peek, summary, conclusion, caption",
        "choose one of these",
    ),
    ('[[functions]]\nnames = ["lib.f"]\nupdates = ["rng:lib"]\n', "lib.toml: lib.f: unknown ambient state 'rng:lib'", AMBIENT_LIST),
    ('[[functions]]\nnames = ["lib.f"]\nuses = ["lib.options"]\n', "lib.toml: lib.f: unknown ambient state 'lib.options'", AMBIENT_LIST),
    (
        '[[functions]]\nnames = ["lib.f"]\nreads = ["disk:0"]\n',
        "lib.toml: lib.f: unknown resource 'disk'",
        "one of file, database, network, shell",
    ),
]


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED, ids=[message for _, message, _ in REFUSED])
def test_a_file_that_breaks_the_schema_is_refused(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        read(tmp_path, text)
    assert (caught.value.message.startswith(message), caught.value.hint) == (True, hint)


# --- the files that come with nb2prod ---


def entries(kind: str) -> list[dict[str, Any]]:
    return [entry for path in sorted(FOLDER.glob("*.toml")) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])]


def twice(names: Iterable[Hashable]) -> list[Hashable]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_no_name_has_two_rules() -> None:
    methods = [(type, name) for entry in entries("methods") for type in entry["of"] for name in entry["names"]]
    functions = [name for entry in entries("functions") for name in entry["names"]]
    assert (twice(functions), twice(methods), twice(entry["name"] for entry in entries("types"))) == ([], [], [])


def test_every_type_a_rule_speaks_of_is_declared() -> None:
    knowledge = load_knowledge()
    rules = (*knowledge.functions.values(), *knowledge.methods.values())
    spoken = {kind for rule in rules for kind in (rule.returns, *rule.returns_with.values()) if not kind.startswith("arg:")}
    spoken |= {kind for rule in knowledge.types.values() for kind in (*rule.bases, rule.item, rule.iterates, *rule.attributes.values())}
    spoken |= {type for type, _ in knowledge.methods}
    assert sorted(spoken - set(knowledge.types) - {"", "self", "self-type"}) == []
