"""Special methods that classes of a program may have although no class body binds them, by what the sources look like.

C.__len__ = f                                        {"__len__"}
exec("def __len__(self): ...")                       {"__len__"}
type("C", (B,), {"__iter__": f}), dict(__eq__=f)     {"__iter__"}, {"__eq__"}
for n in ("add", "sub"): setattr(C, f"__{n}__", f)   {"__add__", "__sub__"}: of the words in the module's texts

Asked once for each module: places that ask for special methods of objects look for them only where some class may have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ASSIGNED = re.compile(r"\b(?:(?<=def )(__[a-z]\w*__)|(__[a-z]\w*__)\s*=(?!=))")  # a function in a text, an attribute, a keyword
_QUOTED = re.compile(r"""["'](__[a-z]\w*__)["']""")
_LOOKED_FOR = re.compile(r"(getattr|hasattr)\([^()]*$")
_BUILT = re.compile(r"""["']__[ri]?(?:["']\s*[+%]|[%{])""")  # "__" + name, f"__{name}__"
_TEXT = re.compile(r""""([^"\n]{1,400})"|'([^'\n]{1,400})'""")
_WORD = re.compile(r"[a-z]+")
_BEFORE = 60  # characters of a call that stand before a name
_OF_ALL = frozenset(
    f"__{name}__" for name in ("all", "bases", "class", "dict", "doc", "file", "main", "module", "name", "qualname", "slots")
)


def put_names(sources: Iterable[str]) -> set[str]:
    """The names, of all these modules."""
    found: set[str] = set()
    for source in sources:
        if "__" not in source:
            continue
        found.update(name for pair in _ASSIGNED.findall(source) for name in pair if name)
        quoted = (match for match in _QUOTED.finditer(source) if match[1] not in found)
        found.update(match[1] for match in quoted if not _LOOKED_FOR.search(source, max(match.start() - _BEFORE, 0), match.start()))
        if _BUILT.search(source):
            words = {word for pair in _TEXT.findall(source) for word in _WORD.findall("".join(pair).lower())}
            found.update(f"__{before}{word}__" for word in words for before in ("", "r", "i"))
    return found - _OF_ALL
