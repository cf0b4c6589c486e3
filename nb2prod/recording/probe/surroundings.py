"""State outside the notebook's names that a statement may change, each under the name the analysis gives it.

changed(before, now())   ->   ["rng:numpy", "cwd"]

Only libraries that are loaded are asked. What is kept of a state serves to see that it changed and is never told.
"""

from __future__ import annotations

import os
import random
import sys
import warnings
import zlib
from typing import Any, Callable, Dict, List, Tuple


def now() -> Dict[str, object]:
    """A token of each state, equal as long as the state is."""
    found: Dict[str, object] = {}
    for name, module, token in STATES:
        if module in sys.modules:
            try:
                found[name] = token()
            except Exception:  # a library that is half imported, or not the one we know
                continue
    return found


def changed(before: Dict[str, object], after: Dict[str, object]) -> List[str]:
    """The states whose token is another one; a state that only now can be asked has not changed."""
    return [name for name, token in after.items() if name in before and before[name] != token]


def _numpy() -> object:
    state: Any = sys.modules["numpy.random"].get_state(legacy=False)
    return zlib.crc32(state["state"]["key"].tobytes()), state["state"]["pos"], state["has_gauss"], state["gauss"]


def _ids(values: Any) -> int:
    """Settings are replaced as a whole, so that which objects they are tells enough; nested settings are followed."""
    return hash(tuple(_ids(value) if type(value) is dict else id(value) for value in dict.values(values)))


def _imported(path: str, attribute: str) -> Any:
    return getattr(sys.modules[path], attribute)


STATES: Tuple[Tuple[str, str, Callable[[], object]], ...] = (
    ("rng:random", "random", lambda: hash(random.getstate())),
    ("rng:numpy", "numpy.random", _numpy),
    ("rng:torch", "torch", lambda: zlib.crc32(_imported("torch", "get_rng_state")().numpy())),
    ("cwd", "os", os.getcwd),
    ("os.environ", "os", lambda: hash(tuple(os.environ.items()))),
    ("sys.path", "sys", lambda: tuple(sys.path)),
    ("warnings", "warnings", lambda: tuple(map(str, warnings.filters))),
    ("matplotlib.rcParams", "matplotlib", lambda: _ids(_imported("matplotlib", "rcParams"))),
    ("pandas.options", "pandas._config.config", lambda: _ids(_imported("pandas._config.config", "_global_config"))),
    ("numpy.printoptions", "numpy", lambda: repr(_imported("numpy", "get_printoptions")())),
    ("numpy.errstate", "numpy", lambda: repr(_imported("numpy", "geterr")())),
    ("decimal", "decimal", lambda: repr(_imported("decimal", "getcontext")())),
)
