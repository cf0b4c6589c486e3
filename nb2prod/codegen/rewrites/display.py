"""A rich display that is left over -> `print`; a cleared output -> nothing.

display(df)                       ->    print(df)
display(a, b)                     ->    print(a, b, sep="\\n")
frames.map(display)               ->    frames.map(print)
ipd.display(Markdown("**x**"))    ->    print("**x**")
display(Image("x.png"))           ->    (nothing: nobody sees a picture in a job)
clear_output(wait=True)           ->    (nothing)
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from libcst.helpers import get_full_name_for_node

from nb2prod.codegen.names import Names

MODULES = ("IPython.display.", "IPython.core.display.", "IPython.core.display_functions.")
TEXTS = frozenset({"HTML", "Markdown", "Latex", "Math", "Pretty", "Code"})  # pictures of a text, which is their first argument


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Leaves the code alone where it binds a `display` of its own."""
    imports = _Imports()
    code.visit(imports)
    return code.visit(_Display(names, {**names.notebook_only, **imports.found}))


class _Imports(cst.CSTVisitor):
    """The names that imports within the code bind to what is IPython's, each with its dotted path."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            path = alias.evaluated_name
            if path.partition(".")[0] == "IPython":
                self.found[alias.evaluated_alias or "IPython"] = path if alias.evaluated_alias else "IPython"

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = get_full_name_for_node(node.module) if node.module is not None else None
        if module and module.partition(".")[0] == "IPython" and not isinstance(node.names, cst.ImportStar):
            for alias in node.names:
                self.found[alias.evaluated_alias or alias.evaluated_name] = f"{module}.{alias.evaluated_name}"


class _Display(cst.CSTTransformer):
    def __init__(self, names: Names, imported: Mapping[str, str]) -> None:
        super().__init__()
        self.imported = imported
        self.own = "display" in names.bound

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def meaning(self, node: cst.BaseExpression) -> str:
        """The name in IPython's display module that an expression means; empty for anything else."""
        path = self.path(node)
        return next((path.removeprefix(module) for module in MODULES if path.startswith(module)), "")

    def path(self, node: cst.BaseExpression) -> str:
        if isinstance(node, cst.Attribute):
            owner = self.path(node.value)
            return f"{owner}.{node.attr.value}" if owner else ""
        if not isinstance(node, cst.Name):
            return ""
        known = self.imported.get(node.value, "")
        return known or ("IPython.display.display" if node.value == "display" and not self.own else "")

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        meaning = self.meaning(original_node.func)
        if meaning == "clear_output":
            return cst.Name("None")
        if meaning != "display":
            return updated_node
        pairs = zip(original_node.args, updated_node.args, strict=True)
        given = [(old, new) for old, new in pairs if new.keyword is None and new.star != "**" and not self.is_picture(old.value)]
        shown = [new.with_changes(value=self.text(old.value, new.value)) for old, new in given]
        if len(shown) > 1 or any(argument.star for argument in shown):
            equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
            shown.append(cst.Arg(cst.SimpleString('"\\n"'), keyword=cst.Name("sep"), equal=equal))
        if len(shown) < len(updated_node.args):
            shown[-1:] = [last.with_changes(comma=cst.MaybeSentinel.DEFAULT) for last in shown[-1:]]
        return updated_node.with_changes(func=cst.Name("print"), args=shown)

    def text(self, old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
        """The text in `Markdown("text")`; any other value as it is."""
        if isinstance(old, cst.Call) and isinstance(new, cst.Call) and self.meaning(old.func) in TEXTS and len(new.args) == 1:
            return new.args[0].value
        return new

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        statement = original_node.body[0]
        if isinstance(statement, (cst.Import, cst.ImportFrom)):
            imports = _Imports()
            statement.visit(imports)
            return cst.RemoveFromParent() if imports.found else updated_node
        call = statement.value if isinstance(statement, cst.Expr) else None
        return cst.RemoveFromParent() if call is not None and self.shows_nothing(call) else updated_node

    def shows_nothing(self, node: cst.BaseExpression) -> bool:
        """Whether all a statement does is to clear, or to show what only a notebook can show."""
        if not isinstance(node, cst.Call):
            return False
        meaning = self.meaning(node.func)
        pictures = meaning == "display" and node.args and all(self.is_picture(argument.value) or argument.keyword for argument in node.args)
        return bool(meaning == "clear_output" or meaning[:1].isupper() or pictures)

    def is_picture(self, node: cst.BaseExpression) -> bool:
        meaning = self.meaning(node.func) if isinstance(node, cst.Call) else ""
        return meaning[:1].isupper() and meaning not in TEXTS

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        return cst.Name("print") if self.meaning(original_node) == "display" else updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value="print") if self.meaning(original_node) == "display" else updated_node
