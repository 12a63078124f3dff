"""Why a function that could travel is no unit of its own: the partition's codes, and the rewriter's."""

from __future__ import annotations

from faasify.analysis.code import Code, Sample, sample


def _left(code: str, title: str, why: str, travel: str, example: Sample, mended: Sample) -> Code:
    return Code(code, "no unit", title, f"A function that could travel is no unit: {title}.", why, travel, example, mended)


_PLAIN = "def f(x):\n    return x + 1\n\nprint(f(1))\n"

PARTITION: dict[str, Code] = {
    code.code: code
    for code in (
        _left(
            "INSIDE_UNIT",
            "only units call it, so it goes inside them",
            "A call from one unit to another would cross the wire for nothing.",
            "Nothing needs to be done. `--select all`, or its name, makes it a unit of its own.",
            sample("""
                def f(x):
                    return x + 1

                def g(x):
                    return f(x) * 2

                print(g(1))
            """),
            sample(
                """
                def f(x):
                    return x + 1

                def g(x):
                    return f(x) * 2

                print(g(1))
                """,
                pyproject='[tool.faasify]\nselect = "all"\n',
            ),
        ),
        _left(
            "NOT_SELECTED",
            "`--select` or `select` in [tool.faasify] names other functions",
            "You asked for others.",
            "Add its name.",
            sample("def g(x):\n    return x * 2\n\n\n" + _PLAIN, pyproject='[tool.faasify]\nselect = ["app.g"]\n'),
            sample("def g(x):\n    return x * 2\n\n\n" + _PLAIN, pyproject='[tool.faasify]\nselect = ["app.f", "app.g"]\n'),
        ),
        _left(
            "EXCLUDED",
            "`exclude` in [tool.faasify] keeps it here",
            "You asked for it.",
            "Take it out of `exclude`, or name it: --select app.f",
            sample(_PLAIN, pyproject='[tool.faasify]\nexclude = ["app.f"]\n'),
            sample(_PLAIN),
        ),
        _left(
            "NO_DEF",
            "a lambda has no `def` that a stub could stand on",
            "It runs wherever the function is that calls it.",
            "Nothing needs to be done. A `def` of the same body can be a unit.",
            sample("f = lambda x: x + 1\nprint(f(1))\n", "app.<lambda>"),
            sample(_PLAIN),
        ),
        _left(
            "NO_STUB",
            "no line can be put above its `def`",
            "A stub is one line directly above `def`; here that line would belong to another statement, or the file cannot be rewritten.",
            "Let `def` begin a line of its own.",
            sample("x = 1\n\\\n" + _PLAIN),
            sample("x = 1\n\n" + _PLAIN),
        ),
    )
}
