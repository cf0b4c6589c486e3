"""Installing shell lines give the requirements in them, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from nb2prod.reading.requirements import read_requirements, without_credentials

INSTALLS = [
    ("pip install pandas", ("pandas",)),
    ("pip3 install -q -U 'pandas>=2' lightgbm", ("pandas>=2", "lightgbm")),
    ("pip install a b==1.0 c~=2 'd<3,>=1' e[x,y]", ("a", "b==1.0", "c~=2", "d<3,>=1", "e[x,y]")),
    ("pip install x>=1.0", ("x>=1.0",)),
    ("pip install a a", ("a",)),
    ("pip -q install a", ("a",)),
    ("pip install -r requirements.txt", ()),
    ("pip install -e .", ()),
    ("pip install ./local dist/thing.whl thing.whl {name} $NAME", ()),
    ("pip install --index-url https://me:secret@host/simple x", ("x",)),
    ("pip install git+https://git.example/x.git", ("git+https://git.example/x.git",)),
    ("pip install git+https://git.example/x.git#egg=x", ("x @ git+https://git.example/x.git",)),
    ("pip install 'x @ https://host.example/x.zip'", ("x @ https://host.example/x.zip",)),
    ("pip install git+https://me:secret@git.example/x.git", ()),
    ("pip install git+https://token@git.example/x.git y", ("y",)),
    ("pip install --upgrade pip", ()),
    ("python -m pip install x", ("x",)),
    ("{sys.executable} -m pip install x", ("x",)),
    ("$sys.executable -m pip install x", ("x",)),
    ("/opt/env/bin/pip install x", ("x",)),
    ("sudo -H pip install x", ("x",)),
    ("PIP_NO_CACHE=1 pip install x", ("x",)),
    ("uv pip install x", ("x",)),
    ("conda install -c conda-forge -y numpy=1.26 conda-forge::lightgbm 'python>=3.9'", ("numpy==1.26.*", "lightgbm")),
    ("conda install numpy=1.26=py39_0", ("numpy==1.26.*",)),
    ("mamba install numpy", ("numpy",)),
    ("yes | conda install x", ("x",)),
    ("pip install x; pip install y && echo done  # both", ("x", "y")),
    ("pip install x > /dev/null 2>&1", ("x",)),
    ("pip install x 2>/dev/null | tail -1", ("x",)),
    ("pip install x &> log.txt", ("x",)),
    ("pip install 'unclosed x", ("x",)),
    ("conda update numpy", ()),
    ("pip list", ()),
    ("pip --version", ()),
]
OTHER = [
    "ls",
    "echo pip install x",
    "apt-get install graphviz",
    "git clone https://git.example/x && pip install ./x",
    "python -m spacy download en",
    "python -m",
    "pip freeze > requirements.txt",
    "pip freeze >requirements.txt",
    "echo pandas > requirements.txt && pip install -r requirements.txt",
    "pip download x",
    "sudo",
    "> empty.txt",
    "&&",
    "",
]


@pytest.mark.parametrize(("command", "requirements"), INSTALLS)
def test_an_installing_line_gives_its_requirements(command: str, requirements: tuple[str, ...]) -> None:
    assert read_requirements(command) == requirements


@pytest.mark.parametrize("command", OTHER)
def test_a_line_that_does_anything_else_is_no_dependency(command: str) -> None:
    assert read_requirements(command) is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("!pip install git+https://me:secret@host/x", "!pip install git+https://host/x"),
        ("pip install --index-url https://token@host/simple x", "pip install --index-url https://host/simple x"),
        ("pip install git+https://host/x@v1.0", "pip install git+https://host/x@v1.0"),
        ("mail me@example.org", "mail me@example.org"),
    ],
)
def test_credentials_are_cut_out_of_addresses(text: str, clean: str) -> None:
    assert without_credentials(text) == clean
