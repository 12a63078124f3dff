"""Single constructs whose effect is in what they call: small programs, each with what `f` changes when it is run.

Construct("str of an exception", "class C: ...\\ndef f(e): return str(e)\\nf(ValueError(C()))", "LOG")    f changes app.LOG

`LOG` is a list and `note` a function that appends to it and gives 1, in front of each program. Where the line of the name ends in
`or unknown`, an explicit unknown in `f` is enough; with `until 3.11`, later versions of Python do not call it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_PRELUDE = """
LOG = []
def note(*_, **__):
    LOG.append(len(LOG))
    return 1
def begun(g):
    it = g()
    next(it)
    return it
"""


@dataclass(frozen=True)
class Construct:
    name: str
    body: str
    changes: str = "app.LOG"  # a variable of `f`, or `module.name`
    unknown: bool = False  # whether it is enough that analysis says that it does not know
    until: tuple[int, ...] = ()  # the last version of Python that does this, where not all do

    @property
    def source(self) -> str:
        return _PRELUDE + self.body


def _read(kind: str) -> list[Construct]:
    """Of `constructs_of/<kind>.txt`: `# name -> what is changed` and the lines below it, a construct each."""
    text = (Path(__file__).with_name("constructs_of") / f"{kind}.txt").read_text(encoding="utf-8")
    found: list[Construct] = []
    for part in f"\n{text}".split("\n# ")[1:]:
        title, _, body = part.partition("\n")
        title, _, until = title.partition(" until ")
        name, _, changes = title.removesuffix(" or unknown").partition(" -> ")
        last = tuple(map(int, until.split("."))) if until else ()
        found.append(Construct(name, body + "\n", changes or "app.LOG", title.endswith(" or unknown"), last))
    return found


_KINDS = ("objects", "library", "language", "calling", "checks", "exceptions", "awaiting", "comparing", "fields", "filling", "truth")
CONSTRUCTS = [each for kind in (*_KINDS, "hooks", "showing", "containers", "numbers") for each in _read(kind)]
MISSED = _read("missed")
