"""Programs that look at how their functions are run, and would see ours beside it. Told by the names by which they do so."""

from __future__ import annotations

import re
from typing import NamedTuple

from faasify.model.program import Program


class Names(NamedTuple):
    """What a text is searched for, if it has one of the words: most have none, and to find that out takes no time."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]


# The frame of a suspended generator or coroutine, what it waits for; objects of the program's own that `yield from` throws into.
GENERATORS = Names(
    ("gi_", "cr_", "generatorlocals", "coroutinelocals", "_stack", "throw"),
    re.compile(r"\b(?:gi_frame|gi_yieldfrom|cr_frame|cr_await|get(?:generator|coroutine)locals|(?:get|print)_stack|def\s+throw)\b"),
)
# The statements of a body: attributes of code objects, and modules of the library that read them.
CODE = Names(
    ("co_", "dis", "marshal"),
    re.compile(
        r"\bco_(?:names|consts|code|varnames|cellvars|freevars|nlocals|stacksize|lines|positions|linetable|lnotab|exceptiontable)\b"
        r"|^\s*(?:import|from)\s+(?P<module>dis|marshal)\b",
        re.MULTILINE,
    ),
)
# Each call and line while the program runs.
TRACES = Names(
    ("settrace", "setprofile", "use_tool_id", "cProfile", "profile", "trace", "bdb", "pdb"),
    re.compile(
        r"\b(?:settrace|setprofile|settrace_all_threads|setprofile_all_threads|use_tool_id)\b"
        r"|^\s*(?:import|from)\s+(?P<module>cProfile|profile|trace|bdb|pdb)\b",
        re.MULTILINE,
    ),
)


def place(program: Program, names: Names, among: str | None = None) -> tuple[str, int] | None:
    """File and line of the first of these names in the program, or in its module `among`; an import of a module of its own is none."""
    own = {name.partition(".")[0] for name in program.modules}
    for module in program.modules.values() if among is None else [program.modules[among]]:
        known = any(word in module.source for word in names.words)
        for found in names.pattern.finditer(module.source) if known else ():
            if found.groupdict().get("module") not in own:
                return module.path, module.source.count("\n", 0, found.end()) + 1
    return None
