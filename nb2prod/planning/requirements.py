"""Live imports -> the distributions the package needs, with the versions the run used.

import sklearn; df.to_excel(...)   ->   {"scikit-learn": "1.7.2", "pandas": "2.3.3", "openpyxl": "3.1.5"}
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping

from nb2prod.model.recording import Recording
from nb2prod.planning.code import LiveCode

# Modules whose distribution has another name, for notebooks that were not run.
DISTRIBUTIONS = {
    "sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "yaml": "PyYAML", "bs4": "beautifulsoup4", "skimage": "scikit-image",
    "dateutil": "python-dateutil", "dotenv": "python-dotenv", "imblearn": "imbalanced-learn", "Bio": "biopython", "OpenSSL": "pyOpenSSL",
    "mpl_toolkits": "matplotlib", "pylab": "matplotlib", "umap": "umap-learn", "docx": "python-docx", "fitz": "PyMuPDF", "Crypto": "pycryptodome",
    "serial": "pyserial", "git": "GitPython", "MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary", "wx": "wxPython", "jose": "python-jose",
    "attr": "attrs", "magic": "python-magic", "slugify": "python-slugify", "faiss": "faiss-cpu", "osgeo": "GDAL", "pptx": "python-pptx",
}  # fmt: skip
# What a library needs besides itself when this attribute is used.
IMPLIED = {
    "to_excel": "openpyxl", "read_excel": "openpyxl", "ExcelWriter": "openpyxl", "to_parquet": "pyarrow", "read_parquet": "pyarrow", "to_feather": "pyarrow",
    "read_feather": "pyarrow", "to_hdf": "tables", "read_hdf": "tables", "to_markdown": "tabulate", "read_html": "lxml",
}  # fmt: skip
# What a library loads, and does not ask for when it is installed, where this stands in the code.
LOADED_LATE: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("pandas", "scipy", re.compile(r"\.plot\.(kde|density)\(|\bkind\s*=\s*['\"](kde|density)['\"]|\bwin_type\s*=\s*['\"]")),
    ("pandas", "scipy", re.compile(r"\bmethod\s*=\s*['\"]kendall['\"]|\.corr\([^()]+,\s*(method\s*=\s*)?['\"]spearman['\"]")),
    (
        "pandas",
        "scipy",
        re.compile(
            r"\.interpolate\((method\s*=\s*)?['\"](nearest|zero|slinear|quadratic|cubic|barycentric|polynomial|krogh|piecewise_polynomial"
            r"|spline|pchip|akima|cubicspline|from_derivatives)['\"]"
        ),
    ),
    (
        "pandas",
        "jinja2",
        re.compile(r"\.style\.(applymap|map|background_gradient|bar|format|hide|highlight_\w+|set_\w+|text_gradient|to_\w+|render|pipe)\("),
    ),
    ("statsmodels", "matplotlib", re.compile(r"\.(plot\w*|qqplot\w*|graphics)\b")),
    ("seaborn", "scipy", re.compile(r"\.clustermap\(")),
    ("seaborn", "statsmodels", re.compile(r"\.(regplot|lmplot|residplot)\([^()]*\b(lowess|logistic|robust)\s*=\s*True")),
    (
        "networkx",
        "scipy",
        re.compile(r"\b(nx|networkx)\.(pagerank|hits|kamada_kawai_layout|adjacency_matrix|laplacian_matrix|to_scipy_sparse_array)\("),
    ),
)
# A library compiled against these works with the release it was built for, and says so seldom: numpy 2 came after what was released for numpy 1.
BUILT_UPON = frozenset({"numpy", "scipy"})
PLOTTING = re.compile(r"\.(plot|hist|boxplot)\b")  # pandas draws with matplotlib, also where the frame's type is not known


def plan_requirements(
    code: LiveCode, modules: Iterable[str], recording: Recording | None, engines: Iterable[str] = ()
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Distribution -> version ("" where it is not known) behind the top-level modules that live code imports, in alphabetical order; and those
    of them that no import names, because another library loads them (`engines`: the modules the notebook imports for that)."""
    seen: Mapping[str, tuple[str, str]] = recording.environment.modules if recording is not None else {}
    third_party = sorted(set(modules) - {*sys.stdlib_module_names, "IPython", "google"})
    wanted = {module: seen.get(module, (DISTRIBUTIONS.get(module, module), "")) for module in third_party}
    found = {distribution: version for distribution, version in wanted.values() if distribution}  # else it is a file on `sys.path`
    text = "\n".join(code.notebook.cells[id.cell].statements[id.index].source for id in code.statements)
    implied = {distribution for attribute, distribution in IMPLIED.items() if f".{attribute}(" in text}
    loaded = {seen.get(module, (DISTRIBUTIONS.get(module, module), ""))[0]: module for module in engines}
    implied |= set(loaded)
    implied |= {needed for library, needed, sign in LOADED_LATE if library in found and sign.search(text)}
    if any("draws" in code.effects[id].marks for id in code.statements) or ("pandas" in found and PLOTTING.search(text)):
        implied.add("matplotlib")
    unnamed = implied - set(found)
    found |= {distribution: seen.get(loaded.get(distribution, distribution), ("", ""))[1] for distribution in unnamed}
    built = {name: version for name, version in installed(found, recording).items() if version and name in BUILT_UPON - set(found)}
    found |= built
    return dict(sorted(found.items(), key=lambda item: item[0].lower())), tuple(sorted({*unnamed, *built}))


def plan_lock(requirements: Mapping[str, str], recording: Recording | None) -> dict[str, str]:
    """The requirements and all that they need in turn, each with the version that was installed; empty where one of them was not."""
    found = installed(requirements, recording)
    return {name: str(version) for name, version in sorted(found.items(), key=lambda item: item[0].lower())} if all(found.values()) else {}


def installed(requirements: Iterable[str], recording: Recording | None) -> dict[str, str | None]:
    """The versions of the requirements and of all that they need in turn; None of what was not installed."""
    pins = recording.environment.pins if recording is not None else {}
    by_name = {normal(name): name for name in pins}
    found: dict[str, str | None] = {}
    waiting = list(requirements)
    while waiting:
        wanted = waiting.pop()
        name = by_name.get(normal(wanted))
        if name is None:
            found[wanted] = None
        elif name not in found:
            found[name] = pins[name].version
            waiting.extend(pins[name].needs)
    return found


def normal(name: str) -> str:
    """A distribution's name as indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()
