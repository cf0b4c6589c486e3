"""The steps of `nb2prod analyze NOTEBOOK`, each with the seconds of processor it takes, as JSON: run in a process of its own by `profiles`.

python laps.py NOTEBOOK   ->   {"Python itself": 0.012, "click": 0.03, ...}
"""

import gc
import json
import sys
import time
from pathlib import Path

gc.set_threshold(100_000, 50, 50)  # as the command does
laps = {"Python itself": time.process_time()}


def lap(name: str) -> None:
    laps[name] = time.process_time() - sum(laps.values())


import click  # noqa: E402, F401

lap("loading click")
import nb2prod.commands.analyze  # noqa: E402, F401
from nb2prod import understanding  # noqa: E402
from nb2prod.model.choices import Choices  # noqa: E402
from nb2prod.reading import read  # noqa: E402

lap("loading our own code")
import IPython.core.inputtransformer2  # noqa: E402, F401

lap("loading IPython, which reads the magics")
from nb2prod.knowledge import load_knowledge  # noqa: E402

load_knowledge()
lap("reading the knowledge of libraries")
path = Path(sys.argv[1])
read(path)
lap("reading the notebook")
notebook, analysis = understanding.read_and_analyze(path, Choices())
laps["the analysis"] = time.process_time() - sum(laps.values()) - laps["reading the notebook"]
lap("reading it a second time, for this table only")
understanding.make_plan_for(notebook, analysis, Choices())
lap("the plan, for the parameters it tells")
del laps["reading it a second time, for this table only"]
print(json.dumps(laps))
