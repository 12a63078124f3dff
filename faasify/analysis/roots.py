"""What an object hangs from: the variables through which somebody else can see what is done to it, and where it may have been put.

def f(xs, box):
    row = xs[0]         row hangs from (app.f, xs), in part
    box.rows = row      what hangs so is put into ("rows", app.Box)
"""

from __future__ import annotations

from dataclasses import dataclass, field

Root = tuple[str, str]
"""(scope, name): a parameter or local of a function, or a module's global."""
Hold = tuple[str, str, bool]
"""A root, and whether a part of its object is meant."""
Place = tuple[str, str]
"""What is put where: ("", site) elements of a container, (attribute, class) a field."""

NO_HOLDS: frozenset[Hold] = frozenset()


@dataclass
class Summary:
    """What calling a function does to what hangs from its parameters and from variables of others."""

    changes: set[Hold] = field(default_factory=set)
    returns: set[Hold] = field(default_factory=set)
    stores: dict[Hold, set[Place]] = field(default_factory=dict)
    binds: dict[int, set[Hold]] = field(default_factory=dict)  # by the node of a variable of another scope
    rebinds: set[Root] = field(default_factory=set)  # captured variables, here or by callees

    def size(self) -> int:
        kept = sum(map(len, self.stores.values())) + sum(map(len, self.binds.values()))
        return len(self.changes) + len(self.returns) + len(self.rebinds) + kept
