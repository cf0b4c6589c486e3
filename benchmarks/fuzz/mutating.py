"""Seeds for the fuzzer, and how one is changed: lines of others, awkward words and cuts.

mutated("x = 1\\nprint(x)\\n", pool, random.Random(1))   ->   "x = 1\\n%%bash\\nprint(x)\\n"
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent.parent.parent
WORDS = """%%time %%capture seen|%run other.py|!ls|x = !ls|%matplotlib inline|%%bash|get_ipython()|Out[1]|In[1]|_|__|_1|exec("x = 1")|eval("x")|globals()
locals()|del x|global x|nonlocal x|yield x|await x|async def f(): pass|lambda: x|class A: pass|with open("a") as f: pass|try:|except* E: pass|match x:
for x in y: break|while True: x = 1|x: int = 1|x := 1|*a, b = c|f"{x!r:>{w}}"|import a.b as c|from a import *|@decorated|return x|raise E|assert x, y
if __name__ == "__main__": pass|input()|print(x)|display(x)|x.to_csv("o.csv")|pd.read_csv("i.csv")|plt.show()|np.random.seed(0)|x[0] = y|x.y = z
x += 1|x |= y|x @ y|{**x}|[*x]|x if y else z|not x|...|None|0x10|1e400|1j|b"\\xff"|"\\ud800"|'''a\nb'''|\t|\r|\x0c|\x00|\ufeff|\u2028|é|𝒙|ﬁ|#|;|\\\n|# %%\n
# %% [markdown]\n# {{x}} {% raw %}\n|# %% parameters\nx = 1\n""".replace(
    "\n", "|"
).split(
    "|"
)


def seeds() -> list[str]:
    """The sample notebooks and the cases of the analysis, as texts."""
    found = []
    for path in sorted((HERE / "sample_notebooks").glob("*.ipynb")):
        parts = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found.append(
            "".join(("# %% [markdown]\n" if p["cell_type"] == "markdown" else "# %%\n") + "".join(p["source"]) + "\n" for p in parts)
        )
    for path in sorted((HERE / "tests").glob("*/cases/*.md")):
        found += re.findall(r"```(?:python)?\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    return found


def mutated(text: str, pool: Sequence[str], chance: random.Random) -> str:
    """The text with a few lines of others, words, or cuts in it."""
    lines = text.splitlines(keepends=True) or [""]
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        place = chance.randrange(len(lines) + 1)
        how = chance.randrange(8)
        line = lines[min(place, len(lines) - 1)]
        if how == 0:
            other = chance.choice(pool).splitlines(keepends=True) or [""]
            start = chance.randrange(len(other))
            lines[place:place] = other[start : start + chance.randrange(1, 6)]
        elif how == 1:
            del lines[place : place + chance.randrange(1, 4)]
        elif how == 2:
            lines[place:place] = [chance.choice(WORDS) + "\n"]
        elif how == 3:
            lines[min(place, len(lines) - 1) :][:1] = [chance.choice(("    ", "\t", "# ")) + line]
        else:
            at = chance.randrange(len(line) + 1)
            until = at + chance.choice((0, 0, 0, 1, 3))
            names = re.findall(r"[^\W\d]\w*", text)
            word = chance.choice(WORDS if how < 6 or not names else names)
            lines[min(place, len(lines) - 1)] = line[:at] + word + line[until:]
        lines = lines or [""]
    return "".join(lines)[:20_000]
