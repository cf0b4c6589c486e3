"""A rich display that is left over -> `print`.

display(df)              ->    print(df)
display(a, b)            ->    print(a, b, sep="\\n")
frames.map(display)      ->    frames.map(print)
"""

from __future__ import annotations

import libcst as cst

from nb2prod.codegen.names import Names


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Leaves the code alone where it binds a `display` of its own."""
    return code if "display" in names.bound else code.visit(_Display())


class _Display(cst.CSTTransformer):
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        if not (isinstance(original_node.func, cst.Name) and original_node.func.value == "display"):
            return updated_node
        shown = [argument for argument in updated_node.args if argument.keyword is None and argument.star != "**"]
        if len(shown) > 1 or any(argument.star for argument in shown):
            equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
            shown.append(cst.Arg(cst.SimpleString('"\\n"'), keyword=cst.Name("sep"), equal=equal))
        if len(shown) < len(updated_node.args):
            shown[-1:] = [last.with_changes(comma=cst.MaybeSentinel.DEFAULT) for last in shown[-1:]]
        return updated_node.with_changes(args=shown)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value="print") if updated_node.value == "display" else updated_node
