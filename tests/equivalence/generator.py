"""Random little programs, as text: functions, classes, shared state, aliases, exceptions, closures and loops.

A program is `PRELUDE`, two classes, a handful of functions and a main part that calls them and shows all state after each
call. It is valid and ends: a function calls only functions that stand above it, loops are short, numbers are kept small,
containers are cut. `show` writes an object graph with its identities, so that a lost alias is a different text:

    f1(3, XS, D, A)   ->   #0[1, 2, #1{'k': #0}]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[T]], T]

PRELUDE = '''
import sys
def show(*values):
    seen, out = {}, []
    def walk(x):
        if isinstance(x, (bool, int, float, str, type(None))): return repr(x)
        if isinstance(x, BaseException): return type(x).__name__ + walk(list(x.args))
        if callable(x): return getattr(x, "__qualname__", "callable")
        if id(x) in seen: return f"#{seen[id(x)]}"
        seen[id(x)] = n = len(seen); out.append(x)
        if isinstance(x, list): return f"#{n}[" + ", ".join(map(walk, x)) + "]"
        if isinstance(x, tuple): return f"#{n}(" + ", ".join(map(walk, x)) + ")"
        if isinstance(x, dict): return f"#{n}{{" + ", ".join(f"{k!r}: {walk(v)}" for k, v in x.items()) + "}"
        if isinstance(x, set): return f"#{n}set" + repr(sorted(x))
        return f"#{n}{type(x).__name__}<" + ", ".join(f"{k}={walk(v)}" for k, v in vars(x).items()) + ">"
    return " ".join(walk(v) for v in values)
def num(x): return x % 1000 if isinstance(x, int) else len(x) if isinstance(x, (list, str, dict, tuple, set)) else 7
class Err(Exception): pass
class Odd(Err):
    def __init__(self, n, extra=None): super().__init__(f"odd {n}"); self.n, self.extra = n, extra
class A:
    made = 0
    shared = []
    def __init__(self, n, items=None): self.n = n; self.items = [] if items is None else items; A.made += 1
class B(A):
    kind = "b"
N, TEXT = 0, "t"
XS, D, S = [1, 2], {"k": [3]}, {1, 2}
OBJ, OTHER = A(1), B(2, XS)
D["xs"] = XS
FNS = [num, lambda x: num(x) + 1]
'''
GLOBALS = {"int": ["N", "A.made"], "list": ["XS", "A.shared", "OTHER.items"], "dict": ["D"], "obj": ["OBJ", "OTHER"]}
PARAMETERS = {"n": "int", "xs": "list", "d": "dict", "o": "obj"}


@dataclass
class Scope:
    """The names a function may use, by kind, and where it stands in the nesting."""

    names: dict[str, list[str]]
    callables: Sequence[str]
    depth: int = 0
    closed: bool = False  # inside a closure
    fresh: list[int] = field(default_factory=lambda: [0])

    def inner(self) -> Scope:
        return replace(self, names={k: list(v) for k, v in self.names.items()}, depth=self.depth + 1)

    def new(self, kind: str) -> str:
        self.fresh[0] += 1
        return f"{kind[0]}{self.fresh[0]}"


class Maker:
    """Draws source text; simple alternatives come first, so that a failing program shrinks towards them."""

    def __init__(self, draw: Draw[object]) -> None:
        self._draw = draw

    def pick(self, options: Sequence[T]) -> T:
        return self._draw(st.sampled_from(options))  # type: ignore[arg-type, return-value]

    def number(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))  # type: ignore[arg-type, return-value]

    # expressions -----------------------------------------------------------------------------------------------------
    def expression(self, kind: str, scope: Scope) -> str:
        options = [self.name, self.literal]
        if scope.depth < 3:
            options.append(self.compound)
        return self.pick(options)(kind, scope)

    def name(self, kind: str, scope: Scope) -> str:
        return self.pick(scope.names[kind])

    def literal(self, kind: str, scope: Scope) -> str:
        match kind:
            case "int":
                return str(self.number(0, 9))
            case "list":
                return "[" + ", ".join(self.value(scope.inner()) for _ in range(self.number(0, 3))) + "]"
            case "dict":
                return "{" + ", ".join(f"{k!r}: {self.value(scope.inner())}" for k in "kv"[: self.number(0, 2)]) + "}"
            case _:
                return f"{self.pick(['A', 'B'])}({self.number(0, 9)})"

    def compound(self, kind: str, scope: Scope) -> str:
        inner = scope.inner()
        xs, d, o, n = (self.name(k, inner) for k in ("list", "dict", "obj", "int"))
        match kind:
            case "int":
                numbers = [f"len({xs})", f"num({n} * 3 + 1)", f"{o}.n", f"num({d}.get('k'))", f"sum(num(x) for x in {xs})"]
                return self.pick(numbers if scope.closed else [*numbers, f"FNS[-1]({n})"])
            case "list":
                made = [f"list({xs})", f"[x for x in {xs} if num(x) % 2]"]
                return self.pick([f"{o}.items", f"{d}.setdefault('m', [])", f"({xs} or XS)", *made])
            case "dict":
                return self.pick([f"dict({d})", f"{{'at': {xs}, **{d}}}"])
            case _:
                return self.pick([f"getattr({o}, 'link', {o})", f"({o} if {n} % 2 else OTHER)"])

    def value(self, scope: Scope) -> str:
        return self.expression(self.pick(["int", "list", "obj", "dict"]), scope)

    def condition(self, scope: Scope) -> str:
        xs, n, o = self.name("list", scope), self.name("int", scope), self.name("obj", scope)
        identity = [f"{xs} is XS", f"{o} is OBJ", f"isinstance({o}, B)"]
        return self.pick([f"{n} % 2", f"len({xs}) > 2", "N > 5", f"hasattr({o}, 'link')", *identity])

    # statements ------------------------------------------------------------------------------------------------------
    def block(self, scope: Scope, low: int = 1, high: int = 4) -> list[str]:
        return [line for _ in range(self.number(low, high)) for line in self.statement(scope)]

    def statement(self, scope: Scope) -> list[str]:
        simple = [self.mutate, self.mutate, self.output, self.bind, self.call, self.rebind, self.fail]
        nested = [self.branch, self.loop, self.guarded, self.closure] if scope.depth < 2 else []
        return self.pick(simple + nested)(scope)

    def mutate(self, scope: Scope) -> list[str]:
        xs, d, o = (self.name(k, scope) for k in ("list", "dict", "obj"))
        value, n = self.value(scope.inner()), self.expression("int", scope.inner())
        return [
            self.pick(
                [
                    f"{xs}.append({value})",
                    f"{d}['k'] = {value}",
                    f"{o}.n = {n}",
                    f"{o}.link = {self.name('obj', scope)}",
                    f"if {xs}: {xs}[{n} % len({xs})] = {value}",
                    f"if {xs}: {xs}.pop({n} % len({xs}))",
                    f"{xs}[:] = {xs}[-3:]",
                    f"{d}.pop('k', None)",
                    f"{d}[str({n})] = {value}",
                    f"{o}.items = {xs}",
                    f"{xs}.insert(0, {xs})",
                    f"{xs}.reverse()",
                    f"S.add({n})",
                    f"S.discard({n})",
                    f"A.shared.append({n}); del A.shared[:-3]",
                    f"if hasattr({o}, 'link'): del {o}.link",
                    f"{o}.__class__ = {self.pick(['A', 'B'])}",
                    f"FNS.append(lambda x: num(x) + {self.number(1, 3)}); del FNS[:-3]",
                ]
            )
        ]

    def output(self, scope: Scope) -> list[str]:
        shown = f"show({self.value(scope.inner())}, {self.expression('int', scope.inner())})"
        other = [f"print({shown}, file=sys.stderr)", f"sys.stdout.write({shown} + '\\n')", f"print({shown}, end=';')"]
        return [self.pick([f"print({shown})", *other])]

    def bind(self, scope: Scope) -> list[str]:
        kind = self.pick(["int", "list", "dict", "obj"])
        text = self.expression(kind, scope.inner())
        name = scope.new(kind)
        scope.names[kind].append(name)
        return [f"{name} = {text}"]

    def rebind(self, scope: Scope) -> list[str]:
        target, kind = self.pick([("N", "int"), ("XS", "list"), ("A.made", "int"), ("D", "dict"), ("OBJ", "obj"), ("A.shared", "list")])
        text = self.expression(kind, scope.inner())
        return [f"{target} = num({target} + {text})" if kind == "int" else f"{target} = {text}"]

    def call(self, scope: Scope) -> list[str]:
        if not scope.callables:
            return ["pass"]
        name = scope.new("list")
        function = self.pick(scope.callables)
        return [f"{name} = {function}({self.arguments(scope)})", f"if {name} is not None: {self.name('list', scope)}.append({name})"]

    def arguments(self, scope: Scope) -> str:
        texts = [self.expression(kind, scope.inner()) for kind in PARAMETERS.values()]
        keywords = self.number(0, 2)
        return ", ".join(t if i < 4 - keywords else f"{list(PARAMETERS)[i]}={t}" for i, t in enumerate(texts))

    def fail(self, scope: Scope) -> list[str]:
        value = self.value(scope.inner())
        error = self.pick([f"Err({value})", f"Odd({self.number(0, 9)}, {value})", "KeyError('gone')", f"ValueError({value}) from Err(1)"])
        return [f"if {self.condition(scope)}: raise {error}"]

    def branch(self, scope: Scope) -> list[str]:
        yes, no = self.block(scope.inner()), self.block(scope.inner())
        return [f"if {self.condition(scope)}:", *indented(yes), "else:", *indented(no)]

    def loop(self, scope: Scope) -> list[str]:
        inner = scope.inner()
        inner.names["int"].append("i")
        head = self.pick([f"for i in range({self.number(1, 3)}):", f"for i in map(num, {self.name('list', scope)}[:3]):"])
        return [head, *indented(self.block(inner))]

    def guarded(self, scope: Scope) -> list[str]:
        caught = self.pick(["Err", "Odd", "(KeyError, ValueError)", "Exception"])
        end = ["finally:", *indented(self.block(scope.inner(), 1, 1))] if self.number(0, 1) else []
        shown = "print(show(e), show(getattr(e, 'extra', None)))"
        handler = self.pick([shown, "XS.append(show(e)[:60]); del XS[:-4]", "raise Err('again') from e", "raise"])
        return ["try:", *indented(self.block(scope.inner())), f"except {caught} as e:", f"    {handler}", *end]

    def closure(self, scope: Scope) -> list[str]:
        name, n = scope.new("fn"), scope.new("int")
        inner = replace(scope.inner(), callables=(), closed=True)  # a closure that is kept calls nothing: every program ends
        inner.names["int"].append(n)
        body = [f"nonlocal {n}", f"{n} = num({n} + x)", *self.block(inner, 0, 2), f"return {n}"]
        kept = [f"FNS.append({name}); del FNS[:-3]", f"{self.name('list', scope)}.append({name}(1))"]
        use = self.pick([f"print({name}(2), {name}(3), {n})", *kept])
        scope.names["int"].append(n)
        return [f"{n} = {self.number(0, 5)}", f"def {name}(x):", *indented(globals_first(body)), use]

    # definitions -----------------------------------------------------------------------------------------------------
    def function(self, name: str, callables: Sequence[str], header: str = "n, xs, d, o", more: str = "") -> list[str]:
        names = {kind: [*([p for p, k in PARAMETERS.items() if k == kind]), *GLOBALS[kind]] for kind in GLOBALS}
        scope = Scope(names, callables)
        default = self.pick(["", ", *, log=[]"])
        body = [*self.block(scope, 2, 5), *(["log.append(n); print(len(log))"] if default else [])]
        result = self.pick(["xs", "None", "d", "o", self.value(scope)])
        return [f"def {name}({more}{header}{default}):", *indented(globals_first([*body, f"return {result}"]))]


def indented(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines or ["pass"]]


def globals_first(body: Sequence[str]) -> list[str]:
    """The `global` and `nonlocal` lines a body needs, before everything else."""
    text = "\n".join(body)
    needed = [g for g in ("N", "XS", "D", "OBJ") if f"{g} = " in text]
    return [*([f"global {', '.join(needed)}"] if needed else []), *body]


@dataclass(frozen=True)
class Generated:
    source: str
    select: str


@st.composite
def programs(draw: Draw[object]) -> Generated:
    """A program and the functions of it that go to the target: one, some, or everything."""
    maker = Maker(draw)
    count = maker.number(2, 5)
    names = [f"f{i}" for i in range(count)]
    lines = PRELUDE.strip().splitlines()
    for i, name in enumerate(names):
        lines += maker.function(name, names[:i])
    for cls in "AB":
        lines += maker.function("go", names, more="self, ")
        lines += [f"{cls}.go = go"]
    lines += ["def main():", *indented(main_part(maker, names)), "main()"]
    everything = [f"app.{n}" for n in names]
    select = maker.pick([maker.pick(everything), ",".join(everything), ",".join([*everything, "app.go"]), "all"])
    return Generated("\n".join(lines) + "\n", select)


def main_part(maker: Maker, names: Sequence[str]) -> list[str]:
    """Calls with shared arguments, each followed by all the state there is."""
    lines = ["xs, d, o = [XS, 5], {'k': 1, 'o': OBJ}, OTHER"]
    scope = Scope({"int": ["N", "3"], "list": ["xs", "XS"], "dict": ["d", "D"], "obj": ["o", "OBJ"]}, names)
    for _ in range(maker.number(2, 6)):
        function = maker.pick([*names, "OBJ.go", "o.go"])
        lines += [
            "try:",
            f"    r = {function}({maker.arguments(scope)})",
            "    print('returned', show(r, xs, d, o))",
            "except Exception as e:",
            "    print('raised', show(e, e.__cause__, e.__context__, vars(e)))",
            "print(show(N, XS, D, sorted(S), OBJ, OTHER, A.shared, A.made, FNS, xs, d, o))",
        ]
    return lines
