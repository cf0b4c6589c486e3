"""Shell lines -> `subprocess`.

get_ipython().system('ls {folder}')      ->   subprocess.run(f'ls {folder}', shell=True, check=False)
files = get_ipython().getoutput('ls')    ->   files = subprocess.run('ls', shell=True, ..., text=True).stdout.splitlines()
"""

from __future__ import annotations

import libcst as cst
from libcst.helpers import parse_template_expression

from nb2prod.codegen.names import Names
from nb2prod.codegen.rewrites.ipython import expanded, ipython_call

TEMPLATES = {
    "system": "{run}({command}, shell=True, check=False)",
    "getoutput": "{run}({command}, shell=True, check=False, capture_output=True, text=True).stdout.splitlines()",
}


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """A failing command does not stop a notebook, so it does not stop the package."""
    return code.visit(_Shell(names))


class _Shell(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        asked = ipython_call(original_node)
        if asked is None or asked.method not in TEMPLATES or len(asked.texts) != 1:
            return updated_node
        run = cst.parse_expression(f"{self.names.modules['subprocess']}.run")
        return parse_template_expression(TEMPLATES[asked.method], run=run, command=expanded(asked.texts[0], self.names.bound))
