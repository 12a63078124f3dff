"""Small programs from a seed: functions, classes, shared and hidden state, and a main part that calls everything with several inputs.

    program(7).files["app.py"]   ->   XS = [1, 2] ... def f0(n, xs): ... for i in range(8): ...

A program is valid and ends: a function calls functions above it, methods call earlier methods, what is stored in tables calls helpers
only, and what the calls of one body cost together is limited. Conditions ask for a parameter's remainder, so that both branches happen.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.analysis.effects import grammar_needs, parts, parts_classes
from tests.analysis.effects.filling import Body, Scope, Writer, indented
from tests.analysis.effects.gaps import Gap

INPUTS = 8
_ALTERNATIVES = 3  # arguments of one parameter, one after the other
_HAS_N = re.compile(r"[( ]n[,=)]")
_PARAMETERS = {"xs": "nums", "table": "table", "rows": "rows", "obj": "obj", "objs": "objs", "fn": "fn", "it": "it", "word": "text"}
_ARGUMENTS = {
    "int": ["i", "i * 2 + 1", "(i + 3) % 7", "len(shared) + i"],
    "nums": ["[i, 1]", "XS", "shared", "YS", "list(range(i))"],
    "table": ["D", "{'a': shared}", "{'a': [i], 'b': XS}"],
    "rows": ["ROWS", "[shared, [i]]"],
    "obj": ["(OBJ, Base(i), Sub(i))[i % 3]", "(OBJ, OTHER)[i % 2]", "(Sub(i), Base(i, shared))[i % 2]"],
    "objs": ["[OBJ, Sub(i)]", "(OBJ, Base(i, shared))", "POOL"],
    "fn": ["(h0, lambda v: v * 2)[i % 2]", "(h0, OBJ.step, h0)[i % 3]", "FNS[i % len(FNS)]", "INC", "PIPE"],
    "it": ["iter([1, i, 2])", "gen(i, shared)", "map(h0, shared[:2])", "(h1(v) for v in shared[:2])", "Countdown(i % 4)"],
    "text": ["'w%d' % i", "TEXT"],
}
_MAIN_NAMES = {
    "OBJ": "classes",
    "OTHER": "classes",
    "FNS": "fns",
    "gen(": "generators",
    "POOL": "pool",
    "INC": "counter",
    "PIPE": "pipes",
    "Countdown(": "iters",
}


@dataclass(frozen=True)
class Generated:
    """A program's files; `app.py` is run."""

    seed: int
    files: Mapping[str, str]


@dataclass(frozen=True)
class Function:
    """What a call of it needs to know."""

    name: str
    params: tuple[tuple[str, str], ...]  # name, type
    result: str
    cost: int
    decorated: bool = False


@dataclass
class Plan:
    """The parts that this program has, and its globals by type."""

    rng: random.Random
    has: frozenset[str]
    globals: dict[str, list[str]]
    functions: list[Function] = field(default_factory=list)
    dunders: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()  # of the decorators and of "default", a mutable one


def program(seed: int, leave_out: Sequence[Gap] = ()) -> Generated:
    """The program of a seed, the same one at any time; without the parts that show the gaps in `leave_out`."""
    rng = random.Random(seed)
    has = {part for part in grammar_needs.NEEDS if rng.random() < 0.35} | {"apply"}
    if has & {"build", "registry", "pool", "mixin"}:
        has.add("classes")
    names = [name for name, _, _ in parts_classes.METHODS]
    dunders = frozenset(name for name in names if rng.random() < 0.35) | {"step", "__init__"}
    dunders |= {name for pair in parts_classes.TOGETHER if dunders & set(pair) for name in pair}
    without = frozenset(part for gap in leave_out for part in gap.parts)
    plan = Plan(rng, frozenset(has), _global_names(has), dunders=dunders, without=without)
    writer = Writer(rng, plan.has, plan.dunders, plan.globals, tuple(word for gap in leave_out for word in gap.words))
    lines = [*_head(plan), *_helpers(plan, writer), *_parts(plan, writer), *_classes(plan, writer)]
    for index in range(rng.randint(3, 6)):
        lines += _function(plan, writer, f"f{index}")
    lines += [*_late_globals(plan), *_main(plan, writer)]
    files = {"app.py": "\n".join(lines) + "\n"}
    if "util" in has:
        files["util.py"] = parts.UTIL.lstrip()
    return Generated(seed, files)


def _global_names(has: set[str]) -> dict[str, list[str]]:
    found = {"int": ["N", "M"], "text": ["TEXT"], "nums": ["XS", "YS"], "rows": ["ROWS"], "table": ["D"]}
    if "classes" in has:
        found["obj"] = ["OBJ", "OTHER"]
    if "pool" in has:
        found["objs"] = ["POOL"]
    return found


def _head(plan: Plan) -> list[str]:
    rng = plan.rng
    lines = [f"import {name}" for name in parts.LIBRARIES]
    if "util" in plan.has:
        lines += ["import util", "from util import helper"]
    shared = rng.choice(["XS", "[4]"])
    return [
        *lines,
        f"N, M, TEXT = {rng.randint(0, 4)}, 3, 'text'",
        "XS = [1, 2, 3]",
        f"YS = {shared}",
        f"ROWS = [{rng.choice(['XS', '[5]'])}, [1]]",
        f"D = {{'a': [1], 'b': {rng.choice(['YS', '[2]'])}}}",
        "N_CALLS, COUNTS = [], {}",
    ]


def _helpers(plan: Plan, writer: Writer) -> list[str]:
    return _filled(parts.HELPERS, writer, {"int": ["n"]})


def _parts(plan: Plan, writer: Writer) -> list[str]:
    chosen = [name for name in parts.DECORATORS if plan.rng.random() < 0.5 and name not in plan.without]
    lines: list[str] = []
    for name in chosen:
        effect = plan.rng.choice(parts.DECORATOR_EFFECTS)
        lines += parts.DECORATORS[name].replace("$effect", effect).splitlines()
    writer.decorators = tuple(parts.DECORATOR_USES[name] for name in chosen)
    for name, text in parts.PARTS.items():
        if name in plan.has:
            own = {"maker": {"int": ["n", "total"], "nums": ["seen"]}, "generators": {"nums": ["xs"]}}.get(name, {"int": ["n"]})
            lines += _filled(text, writer, own)
    return lines


def _filled(text: str, writer: Writer, own: dict[str, list[str]]) -> list[str]:
    """The lines of a part, each `$block` replaced by statements of helpers' rank."""
    lines: list[str] = []
    param, without = "", tuple[str, ...]()
    for line in text.splitlines():
        if line.lstrip().startswith("def "):
            param = "n" if _HAS_N.search(line) else ""
            without = parts.NOT_BELOW.get(line.lstrip()[4:].partition("(")[0], ())
        if line.strip() == "$effect":
            lines.append(line.replace("$effect", writer.rng.choice(parts.EFFECTS)))
        elif line.strip() == "$block":
            body = writer.body(Scope({kind: list(names) for kind, names in own.items()}, rank=0, param=param, without=without), 0, 2)
            lines += indented(body.lines or ["pass"], (len(line) - len(line.lstrip())) // 4)
        else:
            lines.append(line)
    return lines


def _classes(plan: Plan, writer: Writer) -> list[str]:
    if "classes" not in plan.has:
        return []
    base, sub = parts_classes.CLASS.strip("\n").splitlines(), ["class Sub(Base):"]
    init = writer.body(Scope({"int": ["n"]}, rank=-1, param="n"), 0, 1)
    at = next(i for i, line in enumerate(base) if "$init" in line)
    base[at : at + 1] = indented(init.lines or ["pass"], 2)
    known: list[str] = []
    for name, header, result in parts_classes.METHODS:
        if name not in plan.dunders:
            continue
        base += indented(_method(writer, header, result, known, calls_super=False), 1)
        setter = header.startswith("@total.setter")
        overrides = plan.rng.random() < 0.4 or name == "__hash__" and any("def __eq__" in line for line in sub)
        if overrides and not setter and name != "total":
            sub += indented(_method(writer, header, result, known, calls_super=plan.rng.random() < 0.5), 1)
        if not header.startswith("@property"):  # a setter that sets itself would not end
            known.append(name)
    if plan.rng.random() < 0.4:
        more = writer.body(Scope({"int": ["n"]}, rank=-1, param="n"), 0, 1)
        text = [line for line in parts_classes.SUB_INIT.strip("\n").splitlines() if "$init" not in line]
        sub += indented([*text, *indented(more.lines or ["pass"], 1)], 1)
    mixin = _filled(parts_classes.MIXIN, writer, {}) if "mixin" in plan.has else []
    return [*base, *(sub if len(sub) > 1 else [*sub, "    kind = 'sub'"]), *mixin]


def _method(writer: Writer, header: str, result: str, known: Sequence[str], *, calls_super: bool) -> list[str]:
    has_n = bool(_HAS_N.search(header))
    scope = Scope(
        {"obj": ["self"], "int": ["n"] if has_n else ["self.n"]}, rank=1, param="n" if has_n else "self.n", methods=frozenset(known)
    )
    body = writer.body(scope, 0, 2)
    lines = [*body.lines, f"return {writer.fill(result, scope, 1)}"]
    name = header.partition("def ")[2].partition("(")[0]
    if calls_super:
        given = [p.partition("=")[0] for p in header.partition("(self")[2].partition(")")[0].split(", ")[1:] if p[0] != "*"]
        lines.insert(len(body.globals_line()), f"super().{name}({', '.join(given)})")
    return [*header.splitlines(), *indented(lines, 1)]


def _function(plan: Plan, writer: Writer, name: str) -> list[str]:
    rng = plan.rng
    types = [p for p, kind in _PARAMETERS.items() if _usable(kind, plan)]
    chosen = rng.sample(types, rng.randint(0, min(3, len(types))))
    params = [("n", "int"), *((p, _PARAMETERS[p]) for p in chosen)]
    own: dict[str, list[str]] = {}
    for param, kind in params:
        own.setdefault(kind, []).append(param)
    extra, first = "", list[str]()
    if rng.random() < 0.2:
        default = [] if "default" in plan.without else [(", acc=[]", ["acc.append(n)"])]
        extra, first = rng.choice([*default, (", *rest", ["n += len(rest)"]), (", **named", []), (", *, flag=None", [])])
    scope = Scope(own, rank=2, param="n", callables=tuple(plan.functions), methods=plan.dunders)
    body = writer.body(scope, 2, 5)
    result = rng.choice(["int", "int", "nums", "obj", "none"])
    result = result if result != "obj" or "classes" in plan.has else "int"
    value = "None" if result == "none" else writer.fill(f"${result}", scope, 1)
    split = len(body.globals_line())
    lines = [*body.lines[:split], *first, *body.lines[split:], f"return {value}"]
    decorator = [rng.choice(writer.decorators)] if writer.decorators and rng.random() < 0.25 else []
    plan.functions.append(Function(name, tuple(params), result, body.cost + 1, bool(decorator)))
    return [*decorator, f"def {name}({', '.join(p for p, _ in params)}{extra}):", *indented(lines, 1)]


def _usable(kind: str, plan: Plan) -> bool:
    return kind not in ("obj", "objs") or "classes" in plan.has


def _late_globals(plan: Plan) -> list[str]:
    rng, lines = plan.rng, list[str]()
    if "classes" in plan.has:
        lines += ["OBJ = Base(1)", f"OTHER = {rng.choice(['Sub(2, XS)', 'Sub(3)', 'OBJ'])}"]
    if "fns" in plan.has:
        lines += ["FNS = [h0, lambda v: v * 2]"]
    if "ops" in plan.has:
        lines += ["OPS = {'a': h0, 'b': lambda v: v - 1}"]
    if "registry" in plan.has:
        lines += ["REGISTRY = {'obj': OBJ, 'n': 0}"]
    if "props" in plan.has:
        lines += ["BOX = Box([1])"]
    if "pool" in plan.has:
        lines += ["POOL = [OBJ, Sub(4)]"]
    return lines


def _main(plan: Plan, writer: Writer) -> list[str]:
    lines = ["shared = [5, 6]", f"for i in range({INPUTS}):", *(f"    {state}" for state in _varied(plan))]
    for function in plan.functions:
        arguments = ", ".join(
            _argument(plan, kind, has_keyword) for (_, kind), has_keyword in zip(function.params, _keywords(plan, function), strict=True)
        )
        call = f"{function.name}({arguments})"
        if function.result == "nums" and plan.rng.random() < 0.3:
            call = f"shared[:2] = {call}[:2]"
        lines += ["    try:", f"        {call}", "    except Exception as problem:", "        print(type(problem).__name__)"]
    for call in _direct(plan):
        lines += ["    try:", f"        {call}", "    except Exception as problem:", "        print(type(problem).__name__)"]
    trimmed = [
        "XS",
        "YS",
        "shared",
        "N_CALLS",
        *(["util.cache"] if "util" in plan.has else []),
        *(["Base.shared", "OBJ.items"] if "classes" in plan.has else []),
        *(["HOOKS['log']"] if "hooks" in plan.has else []),
        *(["Noted.noted"] if "mixin" in plan.has else []),
        *(["Meta.made", "Single().hits"] if "metas" in plan.has else []),
        *(["SEEN()"] if "counter" in plan.has else []),
        *(["BOX.items"] if "props" in plan.has else []),
    ]
    lines += [f"    for some in [{', '.join(trimmed)}]:", "        del some[4:]", "    del ROWS[3:]"]
    return lines


def _varied(plan: Plan) -> list[str]:
    """What functions look at besides their arguments is input too."""
    lines = ["N, M = i % 4, (i * 2 + 3) % 5"]
    if "util" in plan.has:
        lines.append("util.level = i % 3")
    if "classes" in plan.has:
        lines += ["OBJ, OTHER = OTHER, (OBJ, Base(i), Sub(i, XS))[i % 3]", "OBJ.n, OBJ.items = i % 5, (OBJ.items, XS, YS, [i])[i % 4]"]
    return lines


def _direct(plan: Plan) -> list[str]:
    """Calls of what functions may call or not: whatever is defined runs, and is called with several inputs."""
    lines = [call for word, calls in parts.DIRECT.items() if not word or word in plan.has for call in calls]
    if "classes" in plan.has:
        lines += [call for name, call in parts_classes.DIRECT_METHODS.items() if name in plan.dunders]
    return lines


def _keywords(plan: Plan, function: Function) -> list[str]:
    """Some of the last arguments are given by name, unless a decorator takes positions only."""
    by_name = 0 if function.decorated or plan.rng.random() < 0.7 else plan.rng.randint(0, len(function.params) - 1)
    names = [name for name, _ in function.params]
    return ["" if i < len(names) - by_name else f"{name}=" for i, name in enumerate(names)]


def _argument(plan: Plan, kind: str, keyword: str) -> str:
    options = [a for a in _ARGUMENTS[kind] if all(part in plan.has for word, part in _MAIN_NAMES.items() if word in a)]
    chosen = plan.rng.sample(options, min(len(options), plan.rng.randint(1, _ALTERNATIVES)))
    return keyword + (chosen[0] if len(chosen) == 1 else f"({', '.join(chosen)})[i % {len(chosen)}]")


__all__ = ["Body", "Generated", "program"]
