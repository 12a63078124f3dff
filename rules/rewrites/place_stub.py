"""One decorator line directly above the `def` of every unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from faasify.rewrite.rule import Example, Insert, Leave, Rule, Source

INDENT = re.compile(r"[ \t\f]*(?=def\b|async\b)")


class PlaceStub(Rule):
    """A stub stands where the function was defined, so every use of the name reaches it.

    It goes innermost, below the function's own decorators: they see a function of the same name and signature, and
    what they make of it stays what it was.
    """

    ORDER = 50
    REWRITES = (
        Example("a function", "def f(x):\n    return x\n", '@_faasify_unit("app.f")\ndef f(x):\n    return x\n', ("f",)),
        Example("an async function", "async def f(): pass\n", '@_faasify_unit("app.f")\nasync def f(): pass\n', ("f",)),
        Example(
            "innermost, below decorators and their comments",
            "@cache  # once\n# why\ndef f(x): return x\n",
            '@cache  # once\n# why\n@_faasify_unit("app.f")\ndef f(x): return x\n',
            ("f",),
        ),
        Example(
            "a method, indented with tabs",
            "class A:\n\tx = 1\n\tdef f(self): return 1\n",
            'class A:\n\tx = 1\n\t@_faasify_unit("app.A.f")\n\tdef f(self): return 1\n',
            ("A.f",),
        ),
        Example(
            "no newline at the end",
            "x = 1\r\ndef f(): return x",
            'x = 1\r\n@_faasify_unit("app.f")\r\ndef f(): return x',
            ("f",),
        ),
        Example(
            "a function in an `if`",
            "if x:\n  def f(): pass\nelse: f = 1\n",
            'if x:\n  @_faasify_unit("app.f")\n  def f(): pass\nelse: f = 1\n',
            ("f",),
        ),
    )
    LEAVES = (
        Example("nothing selected", "def f(x):\n    return x\n", why="a function that is no unit has no stub"),
        Example("continued line", "x = 1\n\\\ndef f(): pass\n", units=("f",), why="a backslash joins it with the line above"),
    )

    def visit(self, source: Source) -> Iterator[Insert | Leave]:
        for unit in source.units:
            indent = INDENT.match(source.lines.line(unit.line))
            if source.lines.continues(unit.line - 1):
                yield Leave("a backslash joins its `def` with the line above", unit.line, unit.name)
            elif indent is None or unit.line not in source.function_lines:
                yield Leave("its `def` does not begin a line", unit.line, unit.name)
            else:
                yield Insert(unit.line, tuple(indent[0] + line for line in source.render("stub", unit=unit.name)))
