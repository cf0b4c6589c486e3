"""Magics become Python with the same line numbers, and directives that say what they were."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from nb2prod.model.notebook import Directive
from nb2prod.reading.magics import read_magics

# source, code, directives
GONE = [
    ("%matplotlib inline", "", [("display", 1, "%matplotlib inline")]),
    ("% matplotlib inline", "", [("display", 1, "% matplotlib inline")]),
    ("%config InlineBackend.figure_format = 'retina'", "", [("display", 1, "%config InlineBackend.figure_format = 'retina'")]),
    ("%load_ext autoreload\n%autoreload 2\nx = 1", "\n\nx = 1", [("display", 1, "%load_ext autoreload"), ("display", 2, "%autoreload 2")]),
    ("%precision 3", "", [("display", 1, "%precision 3")]),
    ("?df", "", [("display", 1, "?df")]),
    ("df.merge?", "", [("display", 1, "df.merge?")]),
    ("??df", "", [("display", 1, "??df")]),
    ("?", "", [("display", 1, "?")]),
    ("%%html\n<b>hi</b>\n", "\n\n", [("display", 1, "%%html")]),
    ("%%javascript\nalert(1)", "\n", [("display", 1, "%%javascript")]),
    ("if True:\n    %matplotlib inline\ny = 2", "if True:\n    pass\ny = 2", [("display", 2, "%matplotlib inline")]),
    ("x = 1\n%matplotlib inline\ny = 2", "x = 1\n\ny = 2", [("display", 2, "%matplotlib inline")]),
    ("get_ipython().magic('matplotlib inline')", "", [("display", 1, "get_ipython().magic('matplotlib inline')")]),
    (
        "y = 1; get_ipython().run_line_magic('matplotlib', 'inline'); z = 2",
        "y = 1; pass; z = 2",
        [("display", 1, "y = 1; get_ipython().run_line_magic('matplotlib', 'inline'); z = 2")],
    ),
    ("get_ipython().run_line_magic(\n    'matplotlib', 'inline')\nx", "\n\nx", [("display", 1, "get_ipython().run_line_magic(")]),
]
DEPENDENCIES = [
    ("!pip install -q lightgbm", "", [("dependency", 1, "!pip install -q lightgbm", ("lightgbm",))]),
    ("%pip install 'pandas>=2' numpy", "", [("dependency", 1, "%pip install 'pandas>=2' numpy", ("pandas>=2", "numpy"))]),
    ("pip install seaborn", "", [("dependency", 1, "pip install seaborn", ("seaborn",))]),
    ("%conda install numpy=1.26", "", [("dependency", 1, "%conda install numpy=1.26", ("numpy==1.26.*",))]),
    ("!{sys.executable} -m pip install shap", "", [("dependency", 1, "!{sys.executable} -m pip install shap", ("shap",))]),
    (
        "try:\n    import shap\nexcept ImportError:\n    !pip install shap\nimport x",
        "try:\n    import shap\nexcept ImportError:\n    pass\nimport x",
        [("dependency", 4, "!pip install shap", ("shap",))],
    ),
    ("!pip install a \\\n    b\nx = 1", "\n\nx = 1", [("dependency", 1, "!pip install a \\\n    b", ("a", "b"))]),
    ("!pip install git+https://me:token@git.example/x.git", "", [("dependency", 1, "!pip install git+https://git.example/x.git")]),
]
UNWRAPPED = [
    ("%time df = load()", "df = load()", [("timing", 1, "%time df = load()")]),
    ("x = %time f(1)", "x = f(1)", [("timing", 1, "x = %time f(1)")]),
    ("%%time\ndf = load()\ndf", "\ndf = load()\ndf", [("timing", 1, "%%time")]),
    ("%%time df = load()", "df = load()", [("timing", 1, "%%time df = load()")]),
    ("\n\n%%time\nx = 1", "\n\n\nx = 1", [("timing", 3, "%%time")]),
    ("  %%time\n  x = 1", "\nx = 1", [("timing", 1, "%%time")]),
    ("%prun -s cumulative -l 10 fit(x)", "fit(x)", [("timing", 1, "%prun -s cumulative -l 10 fit(x)")]),
    ("%%prun -q\nfit(x)", "\nfit(x)", [("timing", 1, "%%prun -q")]),
    ("%%capture\nx = 1", "\nx = 1", [("capture", 1, "%%capture")]),
    ("%%capture --no-stderr\nx = 1", "\nx = 1", [("capture", 1, "%%capture --no-stderr")]),
    ("for i in x:\n    %time f(i)", "for i in x:\n    f(i)", [("timing", 2, "%time f(i)")]),
    ("%time", "", [("timing", 1, "%time")]),
    ("%time !ls", "get_ipython().system('ls')", [("timing", 1, "%time !ls"), ("shell", 1, "!ls")]),
    (
        "%%time\n%%capture\n%matplotlib inline\n!pip install x\ny = 1",
        "\n\n\n\ny = 1",
        [
            ("timing", 1, "%%time"),
            ("capture", 2, "%%capture"),
            ("display", 3, "%matplotlib inline"),
            ("dependency", 4, "!pip install x", ("x",)),
        ],
    ),
    (
        "get_ipython().run_cell_magic('time', '', 'x = f()\\n')",
        "x = f()",
        [("timing", 1, "get_ipython().run_cell_magic('time', '', 'x = f()\\n')")],
    ),
]
TRANSLATED = [
    ("%cd data", "__import__('os').chdir('data')", [("other", 1, "%cd data")]),
    ("%cd -q ~/data", "__import__('os').chdir(__import__('os').path.expanduser('~/data'))", [("other", 1, "%cd -q ~/data")]),
    ("%env X=a b", "__import__('os').environ['X'] = 'a b'", [("other", 1, "%env X=a b")]),
    ("%env X", "", [("other", 1, "%env X")]),
    ("here = %pwd", "here = __import__('os').getcwd()", [("other", 1, "here = %pwd")]),
    ("if x:\n    %cd data", "if x:\n    __import__('os').chdir('data')", [("other", 2, "%cd data")]),
    ("%mkdir a", "get_ipython().system('mkdir a')", [("shell", 1, "%mkdir a")]),
    ("%xdel x", "del x", [("other", 1, "%xdel x")]),
    (
        "%%bash\nls\n",
        '__import__(\'subprocess\').run([\'bash\'], input="""\\\nls\\n""", text=True, check=True);\n',
        [("shell", 1, "%%bash")],
    ),
    (
        "%%writefile a.py\nx = '\\n'\n\ny",
        "__import__('pathlib').Path('a.py').write_text(\"\"\"\\\nx = '\\\\n'\n\ny\\n\"\"\", encoding='utf-8');",
        [("other", 1, "%%writefile a.py")],
    ),
    ('%%file -a a.txt\nx"', 'open(\'a.txt\', "a", encoding="utf-8").write("""\\\nx\\"\\n""");', [("other", 1, "%%file -a a.txt")]),
    ("%%script false --no-raise-error\nx = 1", "\n", [("display", 1, "%%script false --no-raise-error")]),
    ("%%capture out\nf()", "\nf()", [("capture", 1, "%%capture out")]),
    ("%load_ext sql", "", [("display", 1, "%load_ext sql")]),
]
SQL = "its query goes through a connection that only the extension knows"
STORE = "it keeps values from one session for another"
EXTENSION = "an extension may change anything"
NO_VALUE = "what it gives is an object of IPython"
KEPT = [
    ("!ls -l", "get_ipython().system('ls -l')", [("shell", 1, "!ls -l")]),
    ("!!ls", "get_ipython().getoutput('ls')", [("shell", 1, "!!ls")]),
    ("files = !ls {folder} $HOME", "files = get_ipython().getoutput('ls {folder} $HOME')", [("shell", 1, "files = !ls {folder} $HOME")]),
    ("!ls \\\n  -l\nx = 1", "get_ipython().system('ls    -l')\n\nx = 1", [("shell", 1, "!ls \\\n  -l")]),
    ("log = !pip install x", "log = get_ipython().getoutput('pip install x')", [("shell", 1, "log = !pip install x", ("x",))]),
    (
        "!pip freeze > requirements.txt",
        "get_ipython().system('pip freeze > requirements.txt')",
        [("shell", 1, "!pip freeze > requirements.txt")],
    ),
    ("%%sql\nselect 1", "get_ipython().run_cell_magic('sql', '', 'select 1\\n')\n", [("other", 1, "%%sql", (), SQL)]),
    ("%timeit f()", "get_ipython().run_line_magic('timeit', 'f()')", [("timing", 1, "%timeit f()")]),
    ("%%timeit a = 1\nf(a)", "get_ipython().run_cell_magic('timeit', 'a = 1', 'f(a)\\n')\n", [("timing", 1, "%%timeit a = 1")]),
    ("%run other.py", "get_ipython().run_line_magic('run', 'other.py')", [("include", 1, "%run other.py")]),
    ("%load_ext kedro", "get_ipython().run_line_magic('load_ext', 'kedro')", [("other", 1, "%load_ext kedro", (), EXTENSION)]),
    ("%store df", "get_ipython().run_line_magic('store', 'df')", [("other", 1, "%store df", (), STORE)]),
    ("%cd -", "get_ipython().run_line_magic('cd', '-')", [("other", 1, "%cd -", (), "it goes back in the history of folders")]),
    ("%pip download x", "get_ipython().run_line_magic('pip', 'download x')", [("other", 1, "%pip download x")]),
    ("%my_own thing", "get_ipython().run_line_magic('my_own', 'thing')", [("other", 1, "%my_own thing")]),
    ("here = %ls", "here = get_ipython().run_line_magic('ls', '')", [("other", 1, "here = %ls", (), NO_VALUE)]),
    ("x = %time", "x = get_ipython().run_line_magic('time', '')", [("timing", 1, "x = %time")]),
    ("%", "get_ipython().run_line_magic('', '')", [("other", 1, "%")]),
    ("%%time x = 1\ny = 2", "get_ipython().run_cell_magic('time', 'x = 1', 'y = 2\\n')\n", [("other", 1, "%%time x = 1")]),
    ("# a comment\n%%time\nx = 1", "# a comment\nget_ipython().run_line_magic('%time', '')\nx = 1", [("other", 2, "%%time")]),
    ("get_ipython().system(command)", None, [("shell", 1, "get_ipython().system(command)")]),
    ("get_ipython().run_line_magic(name, 'x')", None, [("other", 1, "get_ipython().run_line_magic(name, 'x')")]),
    ("get_ipython().run_line_magic('time', **options)", None, [("other", 1, "get_ipython().run_line_magic('time', **options)")]),
    ("print(get_ipython().getoutput('ls'))", None, [("shell", 1, "print(get_ipython().getoutput('ls'))")]),
    (
        "x = get_ipython().run_line_magic('time', 'f() # c'); y = 1",
        None,
        [("timing", 1, "x = get_ipython().run_line_magic('time', 'f() # c'); y = 1")],
    ),
    (
        "get_ipython().run_cell_magic('time', '', 'a = 1\\nb = 2\\n')",
        None,
        [("timing", 1, "get_ipython().run_cell_magic('time', '', 'a = 1\\nb = 2\\n')")],
    ),
]
PROMPTS = [
    (">>> x = 1\n>>> for i in y:\n...     f(i)", "x = 1\nfor i in y:\n    f(i)", []),
    ("In [1]: x = 1\n   ...: y = 2", "x = 1\ny = 2", []),
    ("  x = 1\n  !ls", "x = 1\nget_ipython().system('ls')", [("shell", 2, "!ls")]),
    (" def f():\n    return 1\nx = f()", "def f():\n   return 1\nx = f()", []),
    ("/f 1 2", "f(1, 2)", []),
    (",f a b", 'f("a", "b")', []),
    (";f a b", 'f("a b")', []),
]
LEFT_ALONE = [
    "x = 7 % 3",
    "x = 7 \\\n  % 3",
    "x = (7\n%timeit)",
    "print('%d%%' % 5)",
    's = """\n%matplotlib inline\n!ls\n?x\n"""',
    "a != b",
    'print(f"{x!r}")',
    "print('really?')  # really?",
    "s = '!ls'",
    "# %matplotlib inline\n# !pip install x",
    "x = 1;",
    "await f()",
    "async with a as b:\n    pass",
    "ip = get_ipython()\nip.system('ls')",
    "get_ipython().ast_node_interactivity = 'all'",
    "service.get_ipython().system('ls')",
    "system('ls')",
    "ls",
    "",
    "\n\n",
    "print 'old'",
]


@pytest.mark.parametrize(("source", "code", "directives"), [*GONE, *DEPENDENCIES, *UNWRAPPED, *TRANSLATED, *KEPT, *PROMPTS])
def test_a_magic_becomes_this_code_and_these_directives(source: str, code: str | None, directives: list[tuple]) -> None:
    assert read_magics(source) == (source if code is None else code, tuple(Directive(*row) for row in directives))


@pytest.mark.parametrize("source", LEFT_ALONE)
def test_plain_python_is_left_alone(source: str) -> None:
    assert read_magics(source) == (source, ())


def test_magics_of_a_cell_that_is_no_python_become_calls_but_no_directives() -> None:
    assert read_magics("!ls\nprint 'old'") == ("get_ipython().system('ls')\nprint 'old'", ())


LINES = [
    "x = 1",
    "",
    "!ls",
    "y = !ls $x",
    "%store data",
    "# note?",
    "s = '''a\n%time b\n'''",
    "f(1,\n  2)",
    "!ls \\\n  -l",
    "%timeit f()",
    "a?",
    "@d\ndef g():\n    !pwd",
]
SNIPPETS = [
    *LINES,
    "%time x",
    "%matplotlib inline",
    "!pip install q",
    ">>> z",
    "  %time k",
    "print 'old'",
    "%%time",
    "\x0c",
    "é = 'ü'",
    "if x:\n  %time y",
    "'''",
    "(",
]


@given(st.lists(st.sampled_from(SNIPPETS), max_size=6).map("\n".join))
@settings(max_examples=150, deadline=None)
def test_code_has_as_many_lines_as_its_source(source: str) -> None:
    assert read_magics(source)[0].count("\n") == source.count("\n")


@given(st.text(alphabet="%!?= \n\\'\"#x()[]:>.;,/\t\u2028\x0c", max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text_keeps_its_number_of_lines(source: str) -> None:
    assert read_magics(source)[0].count("\n") == source.count("\n")


@given(st.lists(st.sampled_from([line for line in LINES if line != "a?"]), max_size=6).map("\n".join))
@settings(max_examples=100, deadline=None)
def test_what_is_kept_reads_as_ipython_transforms_it(source: str) -> None:
    assert ast.dump(ast.parse(read_magics(source)[0])) == ast.dump(ast.parse(TransformerManager().transform_cell(source)))
