"""Strategies for small random programs over a handful of names: the harder the better, as long as they run.

a = [1]
b = (a, [2])
def f(x, y=a):
    x.append(y)
    return b
for c in f(a): c.append(3)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d")
FUNCTIONS = ("f", "g")
LOCALS = ("x", "y", "z")
FILES = ("one.txt", "two.txt")

# N a name that is bound, M O names that are read, F a function, P a file; S a simple statement, B a block of them.
VALUES = (
    "[1, 2]",
    "[]",
    "{'k': 1}",
    "3",
    "'t'",
    "M",
    "[M, O]",
    "(M, O)",
    "{'k': M}",
    "{'k': M, 'l': O}",
    "M[0]",
    "M[-1]",
    "M['k']",
    "list(M)",
    "dict(M)",
    "M + O",
    "[M] * 2",
    "M.copy()",
    "[v for v in M]",
    "[[v] for v in M]",
    "{1: v for v in M}",
    "M or O",
    "M if O else N",
    "sorted(M, key=show)",
    "max(M, O, key=show)",
    "F(M)",
    "F(M, O)",
    "F",
    "lambda v: M",
    "lambda v: v",
    "M(O)",
    "C(M)",
    "M.v",
    "M.get('k')",
    "M.pop()",
    "iter(M)",
    "next(M)",
    "(v for v in M)",
    "map(F, M)",
    "list(map(F, M))",
    "zip(M, O)",
    "list(zip(M, O))",
    "enumerate(M)",
    "reversed(M)",
    "[*M, O]",
    "{**M}",
    "M[:]",
    "G(M)",
    "random.random()",
    "random.sample(M, 1)",
    "open(P).read()",
    "os.path.exists(P)",
    "show(M)",
    "len(M)",
    "M is O",
    "show(M) + show(O)",
    "M.add",
    "M.append",
    "vars(M)",
    "getattr(M, 'v')",
    "M.setdefault('k', O)",
    "copy.copy(M)",
    "copy.deepcopy(M)",
    "functools.partial(F, M)",
    "(N := M)",
    "list(M.values())",
    "list(M.items())",
    "M == O",
    "M in O",
    "C.shared",
    "globals_of()",
    "numpy.arange(4)",
    "numpy.array(M)",
    "numpy.asarray(M)",
    "numpy.array([M, O], dtype=object)",
    "M.reshape(2, -1)",
    "M.ravel()",
    "M.T",
    "M[1:]",
    "M[::2]",
    "M[M > 1]",
    "rng.random()",
    "rng.permutation(M)",
    "list(map(random.choice, [M, O]))",
    "functools.reduce(lambda p, q: p + q, M)",
    "next(M, O)",
    "{**M, 'l': O}",
    "not M",
    "N and M or O",
    "D(M)",
    "D.made[-1]",
    "M.rest",
    "types.SimpleNamespace(v=M)",
)
SIMPLE = (
    *(f"N = {value}" for value in VALUES),
    "N.append(M)",
    "N.append(1)",
    "N.extend(list(M))",
    "N.insert(0, M)",
    "N.pop()",
    "N.clear()",
    "N.sort(key=show)",
    "N[0] = M",
    "N[-1] = M",
    "N['k'] = M",
    "N['l'] = [M]",
    "N.update(M)",
    "N += [1]",
    "N += M[:]",
    "N += 1",
    "N *= 2",
    "N[0] += [M]",
    "N['k'] += [1]",
    "del N",
    "del N[0]",
    "del N['k']",
    "N.v = M",
    "N.v.append(1)",
    "N.v += [M]",
    "N.add(M)",
    "N.swap(M)",
    "F(M)",
    "F(M, O)",
    "M(O)",
    "M()",
    "next(M)",
    "list(M)",
    "for N in M: pass",
    "N, O = M, N",
    "N, *O = M",
    "[N, O] = M",
    "N = O = [1]",
    "[N := v for v in M]",
    "[N.append(v) for v in M]",
    "print(M)",
    "random.seed(1)",
    "random.shuffle(N)",
    "random.random()",
    "open(P, 'w').write(show(M))",
    "open(P, 'a').write(show(M))",
    "os.path.exists(P) and os.remove(P)",
    "setattr(N, 'v', M)",
    "C.shared = M",
    "C.shared.append(M)",
    "log.append(M)",
    "N.append(log)",
    "sorted(M, key=F)",
    "N()",
    "assert True",
    "N[0].append(M)",
    "N['k'].append(1)",
    "M and N.append(1)",
    "N.append(1) if M else None",
    "bump()",
    "N = bump",
    "N = counter()",
    "N = count",
    "with C(M) as N: N.v = O",
    "M == O",
    "M + O",
    "M += 1",
    "M[0] = O[0]",
    "M[:1] = O[:1]",
    "M.fill(7)",
    "M.sort()",
    "numpy.copyto(M, O)",
    "numpy.random.shuffle(M)",
    "rng.shuffle(M)",
    "numpy.random.seed(2)",
    "numpy.add(M, 1, out=M)",
    "numpy.random.rand()",
    "list(map(M.append, O))",
    "list(map(F, M))",
    "os.path.exists(P) and os.rename(P, 'three.txt')",
    "print(M, file=open(P, 'a'))",
    "M.rest = O",
    "M.rest.append(1)",
    "del M.rest",
    "D.made.clear()",
    "N = M, *O",
    "N = E(M)",
)
BLOCKS = (
    "if M:\nB",
    "if M:\nB\nelse:\nB",
    "for N in M:\nB",
    "for N, O in enumerate(M):\nB",
    "for _ in range(3):\nB",
    "for _ in range(2):\nB\n    if M: break\nB",
    "while len(steps) < 3:\n    steps.append(0)\nB",
    "try:\nB\nB\nexcept Exception:\nB",
    "try:\nB\nfinally:\nB",
    "with contextlib.suppress(Exception):\nB\nB",
    "with quiet(M) as N:\nB\nB",
    "with quiet(M):\n    raise E(O)\nB",
    "try:\nB\n    raise E(M)\nexcept E as error:\n    N = error.args[0]\nB",
    "try:\nB\n    F(M)\nexcept E as error:\n    error.args[0].append(1)\nelse:\nB",
    "while M:\n    M.pop()\nB\nelse:\nB",
    "match M:\n    case [N, *O]:\n        pass\n    case {'k': N}:\n        pass\n    case _:\n        N = O",
)
DEFINITIONS = (
    "def F(x, y=M):\nL\nL\n    return R",
    "def F(x, y=None):\n    global N\nL\n    N = R\n    return R",
    "def F(x, y=[]):\n    y.append(x)\n    return y",
    "def F(x, y=None):\n    if x:\n        return R\nL\n    return R",
    "def F(x, y=1):\n    for z in x:\n        yield z\nL",
    "def F(x, y=2):\n    return lambda z: R",
    "def F(x, y=3):\n    z = x\n    def h():\n        nonlocal z\n        z = R\n        return z\n    h()\n    return h",
    "def F(x, y=4):\n    return F(x[1:]) if x else M",
    "@keep\ndef F(x, y=None):\nL\n    return R",
    "@functools.lru_cache(None)\ndef F(x=0, y=0):\n    return [M]",
    "def F(x, y=5):\nL\n    raise E(R)",
    "def F(x, y=6):\n    with quiet(x) as z:\n        L\n        L\n    return R",
    "def F(x, y=7):\n    try:\n        L\n        return R\n    finally:\n        log.append(x)",
    "class C(C):\n    def add(self, w):\n        super().add(M)\n        self.v = w",
    "class C:\n    shared = M\n    def __init__(self, v=0): self.v = v; self.shared.append(v)\n    def add(self, w): C.shared = [w]",
)
LOCAL = (
    "x.append(y)",
    "x.append(1)",
    "x = M",
    "y = x",
    "z = [x, y]",
    "z = M",
    "M.append(x)",
    "log.append(x)",
    "x.v = y",
    "x['k'] = y",
    "x[0] = y",
    "x += [1]",
    "y = x[0]",
    "z = x.v",
    "z = random.random()",
    "open(P, 'a').write('x')",
    "pass",
    "for z in x: z.append(1)",
    "z = [v for v in x]",
)
RESULTS = ("x", "y", "M", "[x, y]", "x[0]", "(x, M)", "{'k': x}", "x.v", "None", "[v for v in x]", "len(x)", "log")

PRELUDE = """
import contextlib, copy, functools, numpy, os, random, types
rng = numpy.random.default_rng(5)
log = []
steps = []
count = 0
def bump():
    global count
    count += 1
    return count
def counter():
    n = [0]
    def step():
        n[0] += 1
        return n
    return step
def G(rows):
    for row in rows:
        log.append(row)
        yield row
def keep(function):
    log.append(function.__name__)
    return function
def globals_of():
    return [log, count]
def show(value): return f'{type(value).__name__} {len(value)}'
class C:
    shared = []
    def __init__(self, v=0): self.v = v
    def add(self, w): self.v = [self.v, w]
    def swap(self, w): self.v, w = w, self.v
    def __len__(self): return 1
    def __enter__(self): return self
    def __exit__(self, *error): log.append(self)
    def __iadd__(self, w):
        log.append(w)
        return self
class D(list):
    made = []
    def __init__(self, rest=()):
        super().__init__(rest)
        self.rest = rest
        D.made.append(self)
    def __contains__(self, w):
        log.append(w)
        return False
    def __neg__(self): return self.rest
class E(Exception): pass
@contextlib.contextmanager
def quiet(rest):
    log.append(rest)
    try:
        yield rest
    except E as error:
        log.append(error.args[0])
a = [1]
b = [2]
c = {"k": []}
d = C([])
def f(x, y=None): return x
def g(x, y=None): x.append(y)
"""


def filled(template: str) -> st.SearchStrategy[str]:
    """A template with its capitals filled in."""
    name, function, file = st.sampled_from(NAMES), st.sampled_from(FUNCTIONS), st.sampled_from(FILES)
    holes = st.tuples(name, name, name, function, file)

    def fill(values: Sequence[str]) -> str:
        words = {"N": values[0], "M": values[1], "O": values[2], "F": values[3], "P": repr(values[4])}
        return re.sub(r"\b[NMOFP]\b", lambda match: words[match.group()], template)

    return holes.map(fill)


SIMPLE_STATEMENTS = st.sampled_from(SIMPLE).flatmap(filled)


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """A compound statement or a definition with its bodies filled in."""
    template = draw(st.sampled_from(BLOCKS + DEFINITIONS))
    lines = []
    for line in template.split("\n"):
        pad = line[:-1] or "    "
        if line == "B":
            line = "    " + draw(SIMPLE_STATEMENTS).replace("\n", "\n    ")
        elif line.strip() == "L":
            line = pad + draw(st.sampled_from(LOCAL).flatmap(filled))
        lines.append(re.sub(r"\bR\b", lambda match: draw(st.sampled_from(RESULTS)), line))
    return draw(filled("\n".join(lines)))


STATEMENTS = st.one_of(SIMPLE_STATEMENTS, SIMPLE_STATEMENTS, blocks())
PROGRAMS = st.lists(STATEMENTS, min_size=3, max_size=12)
