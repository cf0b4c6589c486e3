"""Cells in a shell's language -> `subprocess` with the text as it is.

get_ipython().run_cell_magic('bash', '', 'echo a\\n')    ->    subprocess.run(["bash", "-c", 'echo a\\n'], check=True)
"""

from __future__ import annotations

import libcst as cst
from libcst.helpers import parse_template_expression

from nb2prod.codegen.names import Names
from nb2prod.codegen.rewrites.ipython import ipython_call, text_literal

SHELLS = {"bash": "bash", "sh": "sh", "script bash": "bash", "script sh": "sh"}


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """IPython raises when such a cell fails, so `check` is on; a cell with options of its own is left alone."""
    return code.visit(_Scripts(names))


class _Scripts(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        asked = ipython_call(original_node)
        if asked is None or asked.method != "run_cell_magic" or len(asked.texts) != 3:
            return updated_node
        shell = SHELLS.get(" ".join(asked.texts[:2]).strip())
        if shell is None:
            return updated_node
        run = cst.parse_expression(f"{self.names.modules['subprocess']}.run")
        return parse_template_expression(f'{{run}}(["{shell}", "-c", {{body}}], check=True)', run=run, body=text_literal(asked.texts[2]))
