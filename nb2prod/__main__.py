"""`python -m nb2prod` is `nb2prod`.

Python puts the working directory before its own library then, and a `json.py` beside a notebook would be imported and run: it is taken away
before anything else is imported, unless nb2prod itself lies there.
"""

import os
import sys

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:] = [path for path in sys.path if os.path.abspath(path) == HOME or os.path.abspath(path) != os.getcwd()]

from nb2prod.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
