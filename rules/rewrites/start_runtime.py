"""The lines at the top of a rewritten module: the import of the stubs' decorator, and in the main module the start of the runtime."""

from __future__ import annotations

from collections.abc import Iterator

import libcst
import libcst.matchers as m

from faasify.rewrite.rule import Example, Insert, Leave, Rule, Source

HEADER = "from faasify.runtime.caller import boot as _faasify_boot, unit as _faasify_unit  # faasify\n"
BOOT = "_faasify_boot(__file__)  # faasify\n"
DOCSTRING = m.Expr(m.SimpleString() | m.ConcatenatedString())
FUTURE = m.ImportFrom(module=m.Name("__future__"))


class StartRuntime(Rule):
    """The runtime is there before the first statement of the program runs, and after what Python wants at the top of a file.

    That is: comments (`#!`, the encoding), the docstring, `from __future__` imports.
    """

    ORDER = 10
    REWRITES = (
        Example("a module with a unit", "def f(): pass\n", HEADER + "def f(): pass\n", ("f",)),
        Example("the main module, unit or not", "print(1)\n", HEADER + BOOT + "print(1)\n", main=True),
        Example(
            "after comments, docstring and future imports",
            '#!/usr/bin/python\n"""Doc."""\n\nfrom __future__ import annotations\nimport os\n',
            '#!/usr/bin/python\n"""Doc."""\n\nfrom __future__ import annotations\n' + HEADER + BOOT + "import os\n",
            main=True,
        ),
        Example("above a decorator", "# c\n\n@d\ndef f(): pass\n", "# c\n\n" + HEADER + "@d\ndef f(): pass\n", ("f",)),
        Example("a docstring in two lines", '"""a\nb"""\nx = 1\n', '"""a\nb"""\n' + HEADER + BOOT + "x = 1\n", main=True),
    )
    LEAVES = (
        Example("no unit, not main", "x = 1\n", why="nothing in it needs the runtime"),
        Example("a docstring and more on one line", '"""Doc."""; print(1)\n', main=True, why="no line begins before its first statement"),
        Example("only a docstring, no newline", '"""Doc."""', main=True, why="nothing in it runs"),
    )

    def visit(self, source: Source) -> Iterator[Insert | Leave]:
        if not source.units and not source.main:
            return
        line = 0
        for number, statement in enumerate(source.tree.body):
            kinds = _kinds(statement, first=number == 0)
            if kinds == {"top"}:
                line = source.end(statement) + 1
            elif "top" in kinds:
                yield Leave("its first statement shares a line with the docstring or a `from __future__` import", source.start(statement))
                return
            else:
                line = line or source.start(statement)
                break
        yield from self.open_at(source, line if source.tree.body else len(source.lines.items) + 1)

    def open_at(self, source: Source, line: int) -> Iterator[Insert | Leave]:
        if line > len(source.lines.items) and source.lines.ends_open:
            yield Leave("nothing in it runs, and its last line has no end", line - 1)
        elif source.lines.continues(line - 1):
            yield Leave("a backslash joins its first statement with the line above", line)
        else:
            yield Insert(line, source.render("module", main=source.main))


def _kinds(statement: libcst.BaseStatement | libcst.BaseSmallStatement, *, first: bool) -> set[str]:
    """`top`: the docstring or a future import; `code`: anything else. Several when statements share a line."""
    if not isinstance(statement, libcst.SimpleStatementLine):
        return {"code"}
    return {
        "top" if m.matches(small, FUTURE) or (first and at == 0 and m.matches(small, DOCSTRING)) else "code"
        for at, small in enumerate(statement.body)
    }
