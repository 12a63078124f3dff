"""Templates to text: which expression stands for `$nums` here, which statements make up a `$block`.

Writer(...).fill("$nums.append($int)", scope, 0)   ->   XS.append(len(ys))
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from tests.analysis.effects import grammar, grammar_needs, grammar_statements

_MOST_CALLS = 24  # calls of the program's functions that one call of a body may lead to
_KINDS = {"row": "nums", "file": "file"}
_METHOD_WORDS = {"$obj.step": "step", "$obj, 'step'": "step", "$obj.note": "note", "$obj.total": "total"}
_CALLING = (  # what may call methods or functions that are defined later: not for helpers
    *("REGISTRY", "$obj", "$it", "$func", "$closure", "$call", "build(", "OPS", "FNS", "apply", "HOOKS", "fire(", "PIPE", "compose("),
    *("memo", "show(", "BOX", "Box(", "Countdown(", "Bag(", "flatten(", "guarded(", "Level.", "Slim(", "plugin(", "Plugin", "Made("),
    *("POOL", "INC", "DEC", "SEEN", "Both("),
)
_OUTSIDE = (
    *("print(", "sys.", "open(", "os.", "random.", "time.", "decimal.", "input(", "pathlib.", "warnings.", "logging.", "OUT", "say("),
    *("datetime.", "pprint."),
)


class Callable_(Protocol):
    """A function of the program that may be called from here."""

    @property
    def name(self) -> str: ...
    @property
    def params(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def result(self) -> str: ...
    @property
    def cost(self) -> int: ...


@dataclass
class Scope:
    """The names that a place may use, by type, and what it may call.

    `rank`: -1 a constructor (no calls), 0 a helper, 1 a method, 2 a function; each calls lower ranks only.
    """

    own: dict[str, list[str]]
    rank: int
    param: str = ""
    callables: tuple[Callable_, ...] = ()
    methods: frozenset[str] = frozenset()
    depth: int = 0
    times: int = 1  # how often a loop around this place runs it
    captured: dict[str, list[str]] = field(default_factory=dict)
    without: tuple[str, ...] = ()  # functions that may not be called here: a helper itself, and the ones below it

    def inner(self, times: int = 1) -> Scope:
        return replace(self, own={k: list(v) for k, v in self.own.items()}, depth=self.depth + 1, times=self.times * times)

    def branch(self) -> Scope:
        """What one branch binds, the next one does not have."""
        return replace(self, own={k: list(v) for k, v in self.own.items()})

    def forbids(self, template: str) -> bool:
        return any(re.search(rf"\b{name}\b(?!\.)", template) for name in self.without)

    def names(self, kind: str) -> list[str]:
        return [*self.own.get(kind, ()), *self.captured.get(kind, ())]


@dataclass
class Body:
    """Statements; the globals that they rebind are declared in the first line."""

    lines: list[str]
    rebound: list[str]
    cost: int

    def globals_line(self) -> list[str]:
        return [f"global {', '.join(self.rebound)}"] if self.rebound else []


class Writer:
    """Fills templates for one program."""

    def __init__(
        self,
        rng: random.Random,
        has: frozenset[str],
        dunders: frozenset[str],
        shared: Mapping[str, list[str]],
        left_out: tuple[str, ...] = (),
    ) -> None:
        self.rng, self.has, self.dunders, self.shared, self.left_out = rng, has, dunders, shared, left_out
        self.decorators: tuple[str, ...] = ()
        self.count = 0
        self.cost = 0
        self.rebound: set[str] = set()
        self.quiet = 0.6  # how often a template that touches the outside is passed over

    def body(self, scope: Scope, low: int, high: int) -> Body:
        """A function's body."""
        outer, self.rebound, before = self.rebound, set(), self.cost
        self.cost = 0
        lines = self.block(scope, low, high)
        body = Body(lines, sorted(self.rebound), self.cost)
        self.rebound, self.cost = outer, before
        body.lines = [*body.globals_line(), *lines]
        return body

    def block(self, scope: Scope, low: int, high: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.rng.randint(low, high)):
            lines += self.statement(scope)
        return lines

    def statement(self, scope: Scope) -> list[str]:
        template = self.pick(grammar_statements.STATEMENTS, scope, nested=scope.depth < 2)
        if template == "$closure":
            return self.closure(scope)
        if template == "$call":
            return self.call(scope)
        return self.fill(template, scope, 0).splitlines()

    # -- one template

    def fill(self, template: str, scope: Scope, depth: int) -> str:
        """The text; new names are known from the next line on, a loop's only in this template."""
        inner = scope.inner(2 if template.startswith(("for", "while")) else 1)
        last, text = "", list[str]()
        for line in template.split("\n"):
            fresh: list[tuple[str, str, bool]] = []
            out, at = "", 0
            for found in grammar.PLACEHOLDER.finditer(line):
                word, kind = found.group(1), found.group(2)
                out += line[at : found.start()]
                at = found.end()
                if word == "block":
                    indent = len(line) - len(line.lstrip())
                    block = indented(self.block(inner.branch(), 1, 2), indent // 4)
                    out = "\n".join(block)
                    continue
                if word in ("new", "loop"):
                    self.count += 1
                    kind = _KINDS.get(kind, kind)
                    last = f"{kind[0]}{self.count}"
                    fresh.append((kind, last, word == "loop"))
                elif word == "again":
                    last = next((name for _, name, loop in fresh if loop), last)
                else:
                    last = self.placeholder(word, kind, inner, depth, named="$again" in template)
                out += last
            text.append(out + line[at:])
            for kind, name, loop in fresh:
                inner.own.setdefault(kind, []).append(name)
                if not loop:
                    scope.own.setdefault(kind, []).append(name)
        return "\n".join(text)

    def placeholder(self, word: str, kind: str | None, scope: Scope, depth: int, *, named: bool) -> str:
        match word:
            case "g":
                name = self.rng.choice(self.shared[kind or ""])
                self.rebound.add(name)
                return name
            case "own":
                return self.rng.choice(scope.own[kind or ""])
            case "param":
                return scope.param
            case _:
                return self.name(word, scope) if named else self.expression(word, scope, depth)

    def name(self, kind: str, scope: Scope) -> str:
        options = [n for n in [*scope.names(kind), *self.visible(kind, scope)] if n not in self.rebound or kind != "obj"]
        return self.rng.choice(options) if options else self.fill(self.pick(grammar.SIMPLE[kind], scope), scope, 2)

    def visible(self, kind: str, scope: Scope) -> Sequence[str]:
        return () if scope.rank < 1 and kind in ("obj", "objs") else self.shared.get(kind, ())

    def expression(self, kind: str, scope: Scope, depth: int) -> str:
        if kind == "leaf":
            scope = replace(scope, rank=0, callables=(), methods=frozenset())
        if kind == "int" and scope.param and self.rng.random() < 0.35:  # what varies, so that both branches of a callee happen
            return self.rng.choice([scope.param, f"({scope.param} + {self.rng.randint(1, 3)})"])
        names = [*scope.names(kind), *scope.names(kind), *self.visible(kind, scope)]
        if kind == "scope" or names and self.rng.random() < (0.6, 0.4, 0.8)[min(depth, 2)]:
            return self.rng.choice(names)
        options = [*grammar.EXPRESSIONS.get(kind, ())] if depth < 2 or kind not in grammar.SIMPLE else []
        template = self.pick([*options, *grammar.SIMPLE.get(kind, ())], scope)
        if template == "$func":
            return self.function_call(kind, scope) or self.name(kind, scope)
        return self.fill(template, scope, depth + 1)

    # -- what may stand here

    def pick(self, templates: Sequence[str], scope: Scope, *, nested: bool = True) -> str:
        for _ in range(200):
            template = self.rng.choice(templates)
            if self.allowed(template, scope) and (nested or "$block" not in template):
                return template
        return "pass" if templates is grammar_statements.STATEMENTS else templates[-1]

    def allowed(self, template: str, scope: Scope) -> bool:
        if any(word in template for word in self.left_out) or scope.forbids(template):
            return False
        for part, words in grammar_needs.NEEDS.items():
            if part not in self.has and any(word in template for word in words):
                return False
        if template in grammar_needs.DUNDERS and not self._method(grammar_needs.DUNDERS[template], scope):
            return False
        if any(word in template and not self._method(name, scope) for word, name in _METHOD_WORDS.items()):
            return False
        if "$param" in template and not scope.param:
            return False
        if scope.rank < 1 and "$cond" in template and not scope.param:
            return False
        if scope.rank < 2 and any(word in template for word in _CALLING):
            plain = "(" not in template and "if $obj" not in template
            return scope.rank == 1 and ("$obj" in template or "REGISTRY" in template) and "$it" not in template and plain
        if scope.rank < 0 and any(w in template for w in ("$fn", "(", "$leaf", "$cond")):
            return False
        if any(word in template for word in _OUTSIDE) and self.rng.random() < self.quiet:
            return False
        for word, kind in (found.groups() for found in grammar.PLACEHOLDER.finditer(template)):
            if word == "own" and not scope.own.get(kind):
                return False
            if word == "g" and kind not in self.shared:
                return False
            if word == "scope" and not scope.names("scope"):
                return False
        return True

    def _method(self, name: str, scope: Scope) -> bool:
        return name in self.dunders and (scope.rank == 2 or name in scope.methods)

    # -- calls and closures

    def function_call(self, kind: str, scope: Scope) -> str | None:
        options = [f for f in scope.callables if f.result == kind and self.cost + f.cost * scope.times <= _MOST_CALLS]
        if not options:
            return None
        function = self.rng.choice(options)
        self.cost += function.cost * scope.times
        arguments = [self.expression(kind, scope, 2) for _, kind in function.params]
        if self.rng.random() < 0.6:  # so that the callee's branches happen below this caller too
            arguments[0] = f"{scope.param} + {self.rng.randint(0, 3)}"
        return f"{function.name}({', '.join(arguments)})"

    def call(self, scope: Scope) -> list[str]:
        kind = self.rng.choice(["int", "nums", "obj", "none"])
        text = self.function_call(kind, scope)
        if text is None:
            return self.fill("$nums.append($int)", scope, 0).splitlines()
        if kind == "none":
            return [text]
        self.count += 1
        name = f"{kind[0]}{self.count}"
        scope.own.setdefault(kind, []).append(name)
        return [f"{name} = {text}"]

    def closure(self, scope: Scope) -> list[str]:
        """A local function with a variable of the enclosing one that it rebinds."""
        self.count += 1
        total, name = f"total{self.count}", f"inner{self.count}"
        captured = {kind: scope.names(kind) for kind in ("int", "nums", "table", "obj")}
        inner = Scope({"int": ["v"]}, rank=0, param="v", captured=captured, depth=1, without=scope.without)
        body = self.body(inner, 0, 2)
        first = [f"nonlocal {total}", f"{total} = ({total} + v) % 50"] if self.rng.random() < 0.7 else [f"v += {total}"]
        lines = [*body.globals_line(), *first, *body.lines[len(body.globals_line()) :], f"return {total}"]
        used = self.rng.choice([f"{name}({scope.param})", f"{name}(2)", f"for v in range(3): {name}(v)", f"list(map({name}, [1, 2, 3]))"])
        scope.own.setdefault("int", []).append(total)
        scope.own.setdefault("fn", []).append(name)
        return [f"{total} = 1", f"def {name}(v):", *indented(lines, 1), used]


def indented(lines: Sequence[str], levels: int) -> list[str]:
    return ["    " * levels + line for line in lines]
