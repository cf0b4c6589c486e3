"""Shell lines -> `subprocess`.

get_ipython().system('ls {folder}')      ->   subprocess.run(f'ls {folder}', shell=True, check=False, stderr=subprocess.STDOUT)
files = get_ipython().getoutput('ls')    ->   files = subprocess.run('ls', shell=True, ..., text=True).stdout.splitlines()

A notebook shows what a command says on either stream in one place, and gives both to the caller who asks for its output.
"""

from __future__ import annotations

from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst.helpers import parse_template_expression

from nb2prod.codegen.names import Names
from nb2prod.codegen.rewrites.ipython import IPYTHON_METHOD, expanded, ipython_call

TEMPLATES = {
    "system": "{run}({command}, shell=True, check=False, stderr={both})",
    "system_raw": "{run}({command}, shell=True, check=False)",
    "system_piped": "{run}({command}, shell=True, check=False, stderr={both})",
    "getoutput": "{run}({command}, shell=True, check=False, stdout={pipe}, stderr={both}, text=True).stdout.splitlines()",
}


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """A failing command does not stop a notebook, so it does not stop the package."""
    return code.visit(_Shell(names))


class _Shell(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if not m.matches(original_node, m.Call(func=IPYTHON_METHOD, args=[m.Arg(star="", keyword=None)])):
            return updated_node
        template = TEMPLATES.get(cst.ensure_type(original_node.func, cst.Attribute).attr.value)
        if template is None:
            return updated_node
        asked = ipython_call(original_node)
        command = expanded(asked.texts[0], self.names.bound) if asked else updated_node.args[0].value
        given = {"run": "run", "both": "STDOUT", "pipe": "PIPE"}
        parts: dict[str, Any] = {
            name: cst.parse_expression(f"{self.names.modules['subprocess']}.{part}")
            for name, part in given.items()
            if f"{{{name}}}" in template
        }
        return parse_template_expression(template, command=command, **parts)
