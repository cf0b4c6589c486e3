"""NB203: a result depends on random numbers that nothing seeds.

Every run gives other values, so nobody can tell a change in the data from chance.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.walk import Step
from nb2prod.model.dataflow import Location
from nb2prod.model.diagnostic import Severity

CODE = "NB203"
SEVERITY = Severity.warning
MESSAGE = "draws random numbers from {generator} before anything seeds it: {results} may differ from run to run"
HINT = "set a seed in a cell above; it becomes a parameter"
GENERATORS = ("rng:numpy", "rng:random", "rng:torch", "rng:tensorflow")
OWN = {  # generators of their own, which take fresh entropy when they are given no seed
    "numpy.random.default_rng": "seed",
    "numpy.random.RandomState": "seed",
    "random.Random": "x",
}
EXAMPLES = (
    Example(
        ("import numpy as np", "noise = np.random.rand(3)\nother = np.random.rand(3)\nprint(noise.sum(), other.sum())"),
        "draws random numbers from numpy before anything seeds it: `noise_sum`",
        cell=1,
    ),
    Example(("import numpy as np\nrng = np.random.default_rng()\nprint(rng.normal())",), "draws random numbers from numpy before", line=2),
    Example(("import random\nfast = 1", "if fast:\n    random.seed(1)", "print(random.random())"), "from random before", cell=2),
    Example(
        (
            "from sklearn.datasets import load_iris\nfrom sklearn.ensemble import RandomForestClassifier\nX, y = load_iris(return_X_y=True)",
            "model = RandomForestClassifier().fit(X, y)",
        ),
        "from numpy before anything seeds it: `model` may differ",
        cell=1,
    ),
    Example(("import numpy as np\nnp.random.seed(1)\nnoise = np.random.rand(3)\nprint(noise.sum())",)),
    Example(("import numpy as np\nrng = np.random.default_rng(7)\nprint(rng.normal())",)),
    Example(("import numpy as np\nnoise = np.random.rand(3)", "print(1 + 2)")),
)


def check(case: Case) -> Iterator[Finding]:
    """One warning for each generator a live statement draws from unseeded, where it first does, and for each unseeded generator of its own."""
    for generator in GENERATORS:
        step = first_draw(case, generator)
        if step is not None:
            yield at(step, None, generator=generator[4:], results=in_words(case.reached_results(step.id)))
    for called in case.calls:
        keyword = OWN.get(called.path)
        if (
            keyword
            and called.step.id in case.live
            and not called.node.args
            and not any(k.arg in (keyword, None) for k in called.node.keywords)
        ):
            results = in_words(case.reached_results(called.step.id))
            yield at(called.home, called.node, generator=called.path.partition(".")[0], results=results)


def first_draw(case: Case, generator: str) -> Step | None:
    """The first live statement that draws from a generator before any statement surely seeds it."""
    for step in case.walked.steps:
        if Location("ambient", generator) in step.effects.defines:
            return None
        if step.id in case.live and generator in step.touches.drawn:
            return step
    return None


def in_words(names: tuple[str, ...]) -> str:
    """The results that depend on it, the first three by name."""
    if not names:
        return "results"
    more = f" and {len(names) - 3} more results" if len(names) > 3 else ""
    return ", ".join(f"`{name}`" for name in names[:3]) + more
