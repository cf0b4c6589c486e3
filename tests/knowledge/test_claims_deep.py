"""torch and tensorflow held against what their knowledge files say, where they are installed: who draws, who changes what it is given."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from nb2prod.knowledge import load_knowledge
from nb2prod.knowledge.rules import Rule

if importlib.util.find_spec("torch") is None:
    pytest.skip("torch is not installed", allow_module_level=True)
torch: Any = importlib.import_module("torch")
KNOWLEDGE = load_knowledge()
FUNCTIONS = sorted(name for name in KNOWLEDGE.functions if name.startswith("torch."))
METHODS = sorted(name for type, name in KNOWLEDGE.methods if type == "torch.Tensor")
NOT_CALLED = ("torch.cuda.", "torch.load", "torch.save", "torch.seed", "torch.random.seed", "torch.compile", "torch.set_", "torch.use_")


def resolve(name: str) -> Any:
    found: Any = torch
    for part in name.split(".")[1:]:
        with suppress(ImportError):
            importlib.import_module(f"{getattr(found, '__name__', 'torch')}.{part}")
        found = getattr(found, part, None)
    return found


def samples() -> list[tuple[Any, ...]]:
    """Arguments one set of which most functions take: new objects at every call."""
    matrix = torch.tensor([[4.0, -1.0], [-1.0, 3.0]])
    whole = torch.tensor([1, 0])
    return [
        (matrix.clone(),),
        (matrix.clone(), matrix.clone()),
        (matrix.clone(), 1),
        (matrix.clone(), 0, whole.clone()),
        ([matrix.clone(), matrix.clone()],),
        (matrix.clone(), whole.clone()),
        (matrix.clone().abs() / 9, whole.clone()),
        (2, (2, 2)),
        (2, 2),
        ((2, 2),),
        (3,),
        (0.0, 1.0, (2, 2)),
        (0, 5, (2,)),
        (matrix.clone().reshape(1, 1, 2, 2), matrix.clone().reshape(1, 1, 2, 2)),
        (matrix.clone().reshape(1, 1, 2, 2), 2),
        (matrix.clone().abs() / 9, 2),
    ]


def state(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return (tuple(value.shape), str(value.dtype), value.requires_grad, value.detach().flatten().tolist())
    if isinstance(value, (list, tuple)):
        return [state(one) for one in value]
    return repr(value)


def calls(function: Callable[..., Any], **options: Any) -> Iterator[tuple[bool, bool]]:
    """Every sample the function accepts: whether it drew, and whether it changed what it was given."""
    for arguments in samples():
        before = state(arguments)
        torch.manual_seed(1)
        generator = torch.get_rng_state().tolist()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                function(*arguments, **options)
        except Exception:  # not a sample for this function
            continue
        yield torch.get_rng_state().tolist() != generator, state(arguments) != before


def claims_draws(rule: Rule) -> bool:
    return any(target.ambient == "rng:torch" for target in rule.updates) or "rng:torch" in rule.sets


def claims_changes(rule: Rule) -> bool:
    names = {(t.argument.position, t.argument.name) for t in rule.updates if t.argument}  # a sample may well say "in place"
    return any(position == 0 or name in ("*", "self") for position, name in names)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if not name.startswith(NOT_CALLED)])
def test_a_function_draws_and_changes_only_what_its_rule_says(name: str) -> None:
    rule, function = KNOWLEDGE.functions[name], resolve(name)
    if function is None or not callable(function):
        pytest.skip("of another version")
    seen = list(calls(function))
    drew, changed = any(draws for draws, _ in seen), any(changes for _, changes in seen)
    assert (drew and not claims_draws(rule), changed and not claims_changes(rule)) == (False, False)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_tensor_draws_and_changes_only_what_its_rule_says(name: str) -> None:
    rule, method = KNOWLEDGE.method("torch.Tensor", name), getattr(torch.Tensor, name, None)
    assert rule is not None
    if method is None:
        pytest.skip("of another version")
    seen = list(calls(method))
    drew, changed = any(draws for draws, _ in seen), any(changes for _, changes in seen)
    assert (drew and not claims_draws(rule), changed and not claims_changes(rule)) == (False, False)


def test_every_function_with_an_option_inplace_says_what_it_does() -> None:
    def options(name: str) -> list[str]:
        try:
            return list(inspect.signature(resolve(name)).parameters)
        except (TypeError, ValueError):
            return []

    plain = {
        name: options(name).index("inplace") for name in FUNCTIONS if "inplace" in options(name) and not inspect.isclass(resolve(name))
    }
    told = {
        name: t.condition.argument.position
        for name in plain
        for t in KNOWLEDGE.functions[name].updates
        if t.argument and t.argument.position == 0 and t.condition and t.condition.argument.name == "inplace"
    }
    always = {name for name in plain if any(t.argument and t.argument.name == "*" for t in KNOWLEDGE.functions[name].updates)}
    assert {name: at for name, at in plain.items() if name not in always} == told


def test_training_one_step_changes_the_model_through_the_optimizer() -> None:
    model = torch.nn.Linear(2, 1)
    before = state(list(model.parameters()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.ones(3, 2)).sum().backward()
    optimizer.step()
    rule = KNOWLEDGE.function("torch.optim.SGD")
    assert state(list(model.parameters())) != before
    assert rule is not None and [argument.name for argument in rule.stores] == ["*"]


def test_an_array_and_the_tensor_made_from_it_share_their_memory() -> None:
    np = pytest.importorskip("numpy")
    array = np.zeros(2)
    tensor = torch.from_numpy(array)
    tensor[0] = 5.0
    assert array.tolist() == [5.0, 0.0]
    assert [KNOWLEDGE.functions[name].shares != () for name in ("torch.from_numpy", "torch.as_tensor", "torch.asarray")] == [True] * 3
