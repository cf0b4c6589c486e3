"""A shell line that installs packages -> what it asks for.

    "pip install -q 'pandas>=2' lightgbm"            ->  ("pandas>=2", "lightgbm")
    "conda install -c conda-forge numpy=1.26 -y"     ->  ("numpy==1.26.*",)
    "pip install -r requirements.txt"                ->  ()
    "apt-get install graphviz"                       ->  None: no installer of Python packages

Words are only read, nothing is looked up: what a name means is for the package index to say.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from types import MappingProxyType

PIP = "pip"
CONDA = "conda"
INSTALLERS = MappingProxyType({"pip": PIP, "uv": PIP, "conda": CONDA, "mamba": CONDA, "micromamba": CONDA})
# What an installer may be asked besides `install` without leaving anything a notebook could use.
PEEKS = frozenset(
    """list freeze show check config cache uninstall search info index debug help remove update upgrade activate deactivate clean
    --version -V --help""".split()
)
# Options followed by a word of their own.
OPTIONS_WITH_VALUE = MappingProxyType(
    {
        PIP: frozenset(
            """-r --requirement -c --constraint -e --editable -i --index-url --extra-index-url --index --default-index -f --find-links
            -t --target --prefix --root --src -C --config-settings --python --trusted-host --proxy --timeout --retries --cache-dir --log
            --progress-bar --platform --python-version --implementation --abi --no-binary --only-binary --global-option --install-option
            --upgrade-strategy --report --cert --client-cert --exists-action""".split()
        ),
        CONDA: frozenset("-c --channel -n --name -p --prefix --file --solver --repodata-fn --subdir".split()),
    }
)
# Commands that leave nothing behind: a line of these and installers only may be dropped.
HARMLESS = frozenset({"echo", "yes", "cd", "tail", "head", "grep", "cat", "true", "clear"})
SEPARATORS = frozenset({"&&", "||", ";", "|", "&"})
INTERPRETER = re.compile(r"(?:.*[/\\])?(?:python|py|pypy)[\d.]*(?:\.exe)?$|\{\s*sys\.executable\s*\}$|\$\{?sys\.executable\}?$")
PIP_PROGRAM = re.compile(r"(?:.*[/\\])?pip[\d.]*(?:\.exe)?$")
REDIRECTION = re.compile(r"(?:\d|&)?>{1,2}(?P<file>[^=].*)?$")
JOINED_STREAMS = re.compile(r"\b\d?>&\d\b|>&\d\b")
NOWHERE = re.compile(r"/dev/null$|NUL$")
NAMED = re.compile(r"(?=[\w.-]*[A-Za-z])[A-Za-z0-9][\w.-]*\s*(?:\[[\w\s,.-]*\])?\s*(?:(?:===|[<>=!~]=|<|>)[\w\s.*+!,<>=~-]+)?(?:;.*)?$")
ARCHIVE = re.compile(r"\.(?:whl|zip|tar\.gz|tar\.bz2|tgz)$")
REMOTE = re.compile(r"(?:[A-Za-z0-9][\w.-]*(?:\[[\w,\s-]*\])?\s*@\s*)?(?:(?:git|hg|svn|bzr)\+)?(?:https?|ssh)://[^/@?\s]+/[^?\s{}$]*$")
EGG = re.compile(r"^([^#]*)#egg=([\w.-]+)$")
CONDA_VERSION = re.compile(r"^([A-Za-z0-9][\w.-]*)=([\w.]+)(?:=.*)?$")
CREDENTIALS = re.compile(r"(://)[^/\s'\"]*@")


def read_requirements(command: str) -> tuple[str, ...] | None:
    """The requirements a shell line installs, as words pip takes; None when it does anything else. Never a URL with credentials in it."""
    found: list[str] = []
    installs = False
    for words, writes in _commands(command):
        program, rest = _installer(words)
        action = next((word for word in rest if not word.startswith("-") or word in PEEKS), "") if program else ""
        if action == "install":
            found += _requirements(program, rest)
        elif writes or not (action in PEEKS or words[0] in HARMLESS):
            return None
        installs = installs or bool(program)
    return tuple(dict.fromkeys(found)) if installs else None


def without_credentials(text: str) -> str:
    """The text with user names, passwords and tokens cut out of its URLs."""
    return CREDENTIALS.sub(r"\1", text)


def _commands(line: str) -> list[tuple[list[str], bool]]:
    """The simple commands of a shell line as words without redirections and comments, and whether each is redirected into a file."""
    line = JOINED_STREAMS.sub("", line).replace("&>", ">")
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = ""  # its comments may start inside a word (#egg=name); a shell's may not
    try:
        words = list(lexer)
    except ValueError:  # an open quote: the shell would refuse the line, people still mean the words
        words = line.split()
    words = words[: next((index for index, word in enumerate(words) if word.startswith("#")), len(words))]
    commands: list[list[str]] = [[]]
    for word in words:
        if word in SEPARATORS:
            commands.append([])
        else:
            commands[-1].append(word)
    return [_without_redirections(command) for command in commands if command]


def _without_redirections(words: Sequence[str]) -> tuple[list[str], bool]:
    plain: list[str] = []
    files: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if found := REDIRECTION.match(word):
            files.append(found["file"] or next(remaining, ""))
        else:
            plain.append(word)
    return plain or [""], not all(NOWHERE.match(file) for file in files)


def _installer(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Which installer a command starts, and the words behind it; ("", ()) when none."""
    while words and (words[0] in ("sudo", "-H", "time") or re.match(r"[A-Z_]+=", words[0])):
        words = words[1:]
    if len(words) > 2 and INTERPRETER.match(words[0]) and words[1] == "-m":
        words = words[2:]
    if not words:
        return "", ()
    if words[0] == "uv" and words[1:2] == ["pip"]:
        return PIP, words[2:]
    if PIP_PROGRAM.match(words[0]):
        return PIP, words[1:]
    return INSTALLERS.get(words[0], ""), words[1:]


def _requirements(program: str, words: Sequence[str]) -> list[str]:
    """The requirements among the words behind an installer that is told to install."""
    plain: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in OPTIONS_WITH_VALUE[program]
        else:
            plain.append(word)
    asked = (_conda_word(word) if program == CONDA else word for word in plain[1:])
    named = (EGG.sub(r"\2 @ \1", word) for word in asked if word != "pip")  # an installer that renews itself is not the notebook's need
    return [word for word in named if REMOTE.match(word) or (NAMED.match(word) and not ARCHIVE.search(word))]


def _conda_word(word: str) -> str:
    """A conda match specification in pip's words: no channel, and `numpy=1.26` meaning any 1.26. Python itself is no requirement."""
    word = word.rpartition("::")[2]
    if re.match(r"python\b(?!-)", word):
        return ""
    return CONDA_VERSION.sub(r"\1==\2.*", word)
