"""`await` outside any coroutine, which only a notebook allows -> a coroutine, and a function that runs it.

def fetch(url):                   async def fetch_async(url):
    page = await get(url)   ->        page = await get(url)
    return page                       return page


                                  def fetch(url):
                                      with ThreadPoolExecutor(1) as thread:
                                          return thread.submit(asyncio.run, fetch_async(url)).result()
"""

from __future__ import annotations

import libcst as cst

from nb2prod.codegen.names import Names

RUNNER = """
# A thread of its own: an event loop may already run here, as it does in a notebook.
with {futures}.ThreadPoolExecutor(max_workers=1) as thread:
    return thread.submit({asyncio}.run, {call}).result()
"""


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Splits each function that awaits in its own body; coroutines are left alone."""
    return code.visit(_Await(names))


class _Await(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        if updated_node.asynchronous is not None or not _awaits(updated_node.body):
            return updated_node
        body = [statement for statement in updated_node.body.body if isinstance(statement, cst.BaseStatement)]
        docstring = body[:1] if updated_node.get_docstring() is not None else []
        name = f"{updated_node.name.value}_async"
        coroutine = updated_node.with_changes(
            name=cst.Name(name), asynchronous=cst.Asynchronous(), body=cst.IndentedBlock(body[len(docstring) :])
        )
        arguments = ", ".join(f"{parameter.name.value}={parameter.name.value}" for parameter in updated_node.params.params)
        modules = {"futures": self.names.modules["concurrent.futures"], "asyncio": self.names.modules["asyncio"]}
        run = cst.parse_module(RUNNER.strip("\n").format(call=f"{name}({arguments})", **modules) + "\n")
        first = cst.ensure_type(run.body[0], cst.With).with_changes(leading_lines=run.header)
        runner = updated_node.with_changes(body=cst.IndentedBlock([*docstring, first]), leading_lines=[])
        return cst.FlattenSentinel([coroutine, runner])


def _awaits(body: cst.BaseSuite) -> bool:
    finder = _Finder()
    body.visit(finder)
    return finder.found


class _Finder(cst.CSTVisitor):
    """Looks for what needs a coroutine, without entering other functions."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_Await(self, node: cst.Await) -> None:
        self.found = True

    def visit_Asynchronous(self, node: cst.Asynchronous) -> None:
        self.found = True
