"""Which texts in code are secrets: by their shape, or by the name of what they are given to.

openai.api_key = "sk-..."      connect(password="hunter2")      "postgresql://me:hunter2@db/sales"      ->   those strings
password = getpass()           tokens = ["the", "cat"]                                                   ->   nothing
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nb2prod.model.notebook import Notebook
from nb2prod.model.syntax import nodes_of, of_tree, parsed, remembered

# What the issuers of keys and tokens say of their form, in the order: clouds, code hosts, models, chat, payment and mail, data and tools, then
# the general ones: keys in PEM and age, JSON web tokens, headers, addresses with a password, parts of connection strings.
SHAPES = re.compile(r"""(?x)
      \b(?: (?:AKIA|ASIA)[0-9A-Z]{16}\b | AIza[\w-]{30,} | GOCSPX-[\w-]{20,} | ya29\.[\w-]{20,} | (?<![/+])LTAI[A-Za-z0-9]{16,24}\b
      | do[opr]_v1_[0-9a-f]{32,} | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_\w{20,} | gl(?:pat|dt|rt|ptt|cbt)-[\w-]{16,}
      | ATATT3[\w=-]{20,} | ATBB[A-Za-z0-9]{24,} | npm_[A-Za-z0-9]{30,} | pypi-[\w-]{30,} | dckr_(?:pat|oat)_[\w-]{20,}
      | rubygems_[0-9a-f]{32,} | sk-[\w-]{16,} | hf_[A-Za-z0-9]{20,} | gsk_[A-Za-z0-9]{20,} | r8_[A-Za-z0-9]{30,} | pplx-[A-Za-z0-9]{30,}
      | xai-[A-Za-z0-9]{30,} | xox[abeoprs]-[\w-]{10,} | xapp-[\w-]{20,} | https://hooks\.slack\.com/services/[\w/]{20,}
      | \d{8,10}:AA[\w-]{30,} | https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}
      | [MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,} | [rs]k_(?:live|test)_\w{10,} | whsec_[A-Za-z0-9]{20,} | sq0(?:atp|csp)-[\w-]{20,}
      | shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32} | SG\.[\w-]{16,}\.[\w-]{16,} | key-[0-9a-f]{32}\b | [0-9a-f]{32}-us\d{1,2}\b | SK[0-9a-f]{32}\b
      | xkeysib-[0-9a-f]{32,} | dapi[0-9a-f]{32}\b | dp\.pt\.[A-Za-z0-9]{40,} | hv[sb]\.[\w-]{20,} | glsa_[\w]{20,} | NRAK-[A-Z0-9]{20,}
      | PMAK-[0-9a-f-]{30,} | lin_api_[A-Za-z0-9]{30,} | (?:ntn|secret)_[A-Za-z0-9]{40,} | figd_[\w-]{30,} | pscale_(?:tkn|pw)_[\w.-]{20,}
      | sbp_[0-9a-f]{40} | sl\.[\w-]{60,} | (?<![/+])EAA[A-Za-z0-9]{80,} | pat[A-Za-z0-9]{14}\.[0-9a-f]{32,}
      | AGE-SECRET-KEY-1[0-9A-Z]{40,} | eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,} | (?:Bearer|Basic|Token)[ ][A-Za-z0-9._~+/=-]{8,}
      | [a-z][a-z0-9+.-]*://[^\s/:@'"{}]*:[^\s/@'"{}]+@ | https://[0-9a-f]{32}@[\w.-]+/\d+
      | (?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{20,}
    )
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY(?:[ ]BLOCK)?----- | [?&](?:sig|X-Amz-Signature)=[A-Za-z0-9%+/=]{20,}
    | (?i:\b(?:pwd|password)=[^;\s'"{}]{4,};)""")
NAMES = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|pwd|secret|api_?key|access_?key(?:_id)?|secret_?key|private_?key|auth_?key|client_secret|credential)s?$"
    r"|(?:^|_)(?:api|auth|access|bearer|secret|refresh|bot|github|hf|slack)_?token$",
    re.IGNORECASE,
)
TOKEN = re.compile(r"(?:^|_)token$", re.IGNORECASE)
MASK = "••••"
SHORTEST, SHORTEST_TOKEN = 4, 12
MIXED_LENGTH, LONG = 7, 20


class Secret(NamedTuple):
    """A string in the code that is a secret, and the name of what it is for (empty where only its shape tells).

    `formatted` is a part of an f-string, which stands for nothing by itself.
    """

    node: ast.Constant
    name: str = ""
    formatted: bool = False


def find_secrets(tree: ast.AST, known: frozenset[str] = frozenset()) -> Iterator[Secret]:
    """Every secret string in some code, those with a `known` value among them."""
    for secret, telling in texts_in(tree):
        if telling or secret.node.value in known:
            yield secret


@of_tree
def texts_in(tree: ast.AST) -> tuple[tuple[Secret, bool], ...]:
    """Every string in some code as the secret it would be, and whether it is one by its shape or its name."""
    nodes = nodes_of(tree)
    texts = [(node, node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    named = {id(node): name for parent in nodes for name, node in given(parent)} if texts else {}
    parts = {id(value) for node in nodes if isinstance(node, ast.JoinedStr) for value in node.values}
    found = (Secret(node, named.get(id(node), ""), id(node) in parts) for node, _ in texts)
    return tuple((one, bool(SHAPES.search(str(one.node.value))) or is_secret(one.name, str(one.node.value))) for one in found)


def secret_texts(notebook: Notebook, quoted: bool = True) -> tuple[str, ...]:
    """Every text that no file may show: secret strings of all code, live or not, and what has a secret's shape anywhere; the longest first.

    A secret that could be a word, `"test"`, is listed with its quotes only, and not at all without `quoted`: in code it may mean something else.
    """
    found: set[str] = set()
    for cell in notebook.cells:
        for text in (cell.source, cell.code, *(output.text for output in cell.outputs)):
            found.update(shaped(text))
        for secret in find_secrets(parsed(cell.code)) if cell.statements else ():
            value = str(secret.node.value)
            found.update([value] if is_telling(value) else [f'"{value}"', f"'{value}'"] if quoted else [])
            found.update(line for line in value.splitlines() if is_telling(line))
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


@remembered
def shaped(text: str) -> tuple[str, ...]:
    """What in a text has a secret's shape."""
    return tuple(match.group() for match in SHAPES.finditer(text))


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with a mask in the place of every secret."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def is_telling(value: str) -> bool:
    """Whether a secret is no word that may stand elsewhere with another meaning."""
    mixed = any(character.isdigit() for character in value) and any(character.isalpha() for character in value)
    return bool(SHAPES.search(value)) or (len(value) >= MIXED_LENGTH and mixed) or len(value) >= LONG


def is_secret(name: str, value: str) -> bool:
    """Whether a text given to something of that name is a secret; what has spaces or is very short is a word or a label."""
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", name)
    if not name or len(value) < SHORTEST or re.search(r"\s", value):
        return False
    return bool(NAMES.search(spelled)) or (bool(TOKEN.search(spelled)) and len(value) >= SHORTEST_TOKEN)


def given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names a node gives to values: assigned names, attributes and keys, keyword arguments, keys of a dict, defaults of arguments."""
    if isinstance(node, ast.Assign):
        yield from ((target_name(target), node.value) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield target_name(node.target), node.value
    elif isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.Dict):
        yield from ((str(key.value), value) for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant))
    elif isinstance(node, ast.arguments):
        arguments = [*node.posonlyargs, *node.args]
        pairs = [*zip(reversed(arguments), reversed(node.defaults), strict=False), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        yield from ((argument.arg, default) for argument, default in pairs if default is not None)
    elif (
        isinstance(node, ast.Call) and len(node.args) == 2 and isinstance(node.args[0], ast.Constant)
    ):  # os.environ.setdefault("KEY", "...")
        yield str(node.args[0].value), node.args[1]


def target_name(target: ast.expr) -> str:
    if isinstance(target, ast.Subscript):
        return str(target.slice.value) if isinstance(target.slice, ast.Constant) else ""
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
