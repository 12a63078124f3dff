"""A whole program: classes and globals of some features, a handful of functions, a main part that calls them and shows all state.

It is valid and ends: a function calls only functions that stand above it, loops are short, numbers are kept small, containers are cut.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.equivalence.generated.feature import Feature
from tests.equivalence.generated.features import CORE, FEATURES
from tests.equivalence.generated.maker import Choose, Grammar, Maker, Scope, declared, indented

# Parameters, with the kind of each, and the ways to call: {} is the kind that the function has besides.
SIGNATURES = (
    ("n, xs, d, o", "n:int xs:list d:dict o:obj", ("<int>, <list>, <dict>, <obj>", "<int>, d=<dict>, o=<obj>, xs=<list>")),
    ("n, v, xs", "n:int v:{} xs:list", ("<int>, <{}>, <list>", "<int>, xs=<list>, v=<{}>", "n=<int>, v=<{}>, xs=<list>")),
    ("n, v, w", "n:int v:{} w:{}", ("<int>, <{}:a>, <{}:a>", "<int>, <{}>, <{}>")),
    ("n, xs, d=D, *, o=OBJ", "n:int xs:list d:dict o:obj", ("<int>, <list>", "<int>, <list>, o=<obj>", "<int>, <list>, <dict>, o=<obj>")),
    ("n, v, seen=[]", "n:int v:{} seen:list", ("<int>, <{}>", "<int>, v=<{}>", "<int>, <{}>, <list>")),
    ("n, /, o, *rest, **kw", "n:int o:obj rest:tup kw:dict", ("<int>, <obj>, <list>, k=<int>", "<int>, <obj>, *<list>", "5, n=3, o=OBJ")),
    ("n, f, v", "n:int f:fn v:{}", ("<int>, <fn>, <{}>", "<int>, v=<{}>, f=<fn>")),
)
CALLS = (
    "r = <call>",
    "r = <call>",
    "r = <call>",
    "for v, i in zip(<list!>, range(4)):\n    r = <call>",
    "for v, i in zip(LOOPED, range(4)):\n    r = <call>",
    "for v, i in zip(LOOPED.items(), range(4)):\n    r = <call>",
    "for i in range(3):\n    r = <call>\n    XS.append(r)\n    del XS[6:]",
    "r = [<call>, <call>]",
    "r = list(map(lambda n: <call>, range(2)))",
    "try:\n    raise <error>\nexcept Exception as e:\n    r = <call>",
    "try:\n    r = <call>\nfinally:\n    r = <call>",
    "xs, r = <list>, <call>",
    "o = <obj>; r = <call>",
    "d = <dict>; r = <call>",
    "$int = <int>\ndef $fn(x):\n    $int = num($int + num(x)); return $int\nFNS.append($fn)\nr = <call>\nprint($int)",
    "XS.append(1) if r is None else XS.append(r)\nr = <call>",
    "BLOCK\nr = <call>",
    "it = iter(<list>)\nnext(it, 0)\nr = <call>\nprint(show(*it))",
)


@dataclass(frozen=True)
class Generated:
    """`app.py`'s text, the functions that go to the target (patterns, without the module's name) and the features it is made of."""

    source: str
    select: tuple[str, ...]
    features: tuple[str, ...] = ()


def program(seed: int) -> Generated:
    return _Program(random.Random(seed).randint).make()


@st.composite
def programs(draw: st.DrawFn) -> Generated:
    """The same, chosen by hypothesis."""
    return _Program(lambda low, high: draw(st.integers(low, high))).make()


class _Program:
    def __init__(self, choose: Choose) -> None:
        pick = Maker(choose, Grammar())
        chosen = [CORE]
        for _ in range(choose(1, 4)):
            _add(pick.pick(FEATURES), chosen)
        self.features = chosen
        self.maker = Maker(choose, Grammar.of(chosen))
        self.calls: list[str] = []

    def make(self) -> Generated:
        maker = self.maker
        imports = sorted({line for f in self.features for line in f.imports.splitlines()})
        lines = [*imports, "from common import num, show, tell", *(line for f in self.features for line in f.source.strip().splitlines())]
        functions = [f"f{i}" for i in range(maker.choose(2, 4))]
        for name in functions:
            lines += self.function(name)
        methods = [f"{cls}.go" for cls in self.maker.pick(((), ("A",), ("A", "B")))]
        for method in methods:
            lines += self.method(method)
        state = [text for f in self.features for text in f.state()]
        lines += ["def state(*more):", f"    return show({', '.join(state)}, *more)"]
        lines += self.main()
        everything = [*functions, *(["go"] if methods else [])]
        select = maker.pick(((maker.pick(everything),), tuple(everything[:2]), tuple(everything), tuple(everything), ("*",)))
        return Generated(declared("\n".join(lines)), select, tuple(f.name for f in self.features))

    def function(self, name: str) -> list[str]:
        maker = self.maker
        header, kinds, ways = maker.pick(SIGNATURES)
        kind = maker.pick([kind for kind in maker.grammar.names if kind != "fn"])
        decorated = [maker.pick(maker.grammar.decorators)] if maker.grammar.decorators and maker.chance(40) else []
        made = [*decorated, f"def {name}({header}):", *indented(self.body(name, kinds.format(kind, kind), ways[0].format(kind, kind)))]
        self.calls += [f"{name}({way.format(kind, kind)})" for way in ways]
        return made

    def method(self, name: str) -> list[str]:
        cls, _, short = name.partition(".")
        self.calls += [f"<obj>.{short}(<int>, <list>)"] if cls == "A" else []
        again = ["r0 = A.go(self, min(n, 2), xs)"] if cls == "B" else []
        return [f"def {short}(self, n, xs):", *indented([*again, *self.body("", "self:obj n:int xs:list", "")]), f"{cls}.{short} = {short}"]

    def body(self, name: str, kinds: str, way: str) -> list[str]:
        maker = self.maker
        names = {kind: list(found) for kind, found in maker.grammar.names.items()}
        for parameter in kinds.split():
            named, _, kind = parameter.partition(":")
            names.setdefault(kind, []).extend([named, named])  # twice: what is passed is what is used
        scope = Scope(names, tuple(self.calls))
        again = []
        if name and maker.chance(15):
            again = [f"if 0 < n < 4: print(show({name}({maker.fill(way.replace('<int>', 'n - 1', 1), scope, {})})))"]
        body = [*maker.block(scope, 1, 3), *again, *maker.block(scope, 1, 3)]
        result = maker.pick(["xs" if "xs:" in kinds else "n", "None", "<value>", "(<value>, <value>)"])
        return [*body, f"return {maker.fill(result, scope, {})}"]

    def main(self) -> list[str]:
        """Calls with shared arguments, each followed by all the state there is; as the module's code, or in a function."""
        maker = self.maker
        names = {kind: list(found) for kind, found in maker.grammar.names.items()}
        for kind, found in {"list": "xs", "dict": "d", "obj": "o"}.items():
            names[kind] += [found, found]
        lines = ["xs, d, o, r = [XS, 5], {'k': 1, 'o': OBJ}, OTHER, None"]
        for _ in range(maker.choose(2, 6)):
            scope = Scope({kind: list(found) for kind, found in names.items()}, tuple(self.calls))
            call = maker.statements(maker.pick(CALLS), scope)
            lines += ["try:", *indented([*call, "print('returned', show(r, xs, d, o))"]), "except Exception as e:", "    tell(e)"]
            lines += ["except SystemExit as e:", "    print('left with', show(e.code))"]
            lines += ["print(state(xs, d, o))", "del XS[8:], xs[8:]"]
        if maker.chance(15):
            lines += [f"print(show({maker.fill('<call>', Scope(names, tuple(self.calls)), {})}))"]
        return ["def main():", *indented(lines), "main()"] if maker.chance(25) else lines


def _add(feature: Feature, chosen: list[Feature]) -> None:
    """`feature` behind those that it needs."""
    if feature not in chosen:
        for name in feature.needs.split(", ") if feature.needs else ():
            _add(next(f for f in FEATURES if f.name == name), chosen)
        chosen.append(feature)


def patterns(select: Sequence[str], module: str) -> list[str]:
    return [f"{module}.{name}" for name in select]
