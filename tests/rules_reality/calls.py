"""Calls described library functions under the observer, and says where a stub and reality differ. Run as a child process:

python -m tests.rules_reality.calls FOLDER MODULE...     one JSON line a function: {"path", "made", "unclaimed", "unseen", "error"}
"""

from __future__ import annotations

import ast
import importlib
import itertools
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from faasify.analysis import typeshed
from faasify.analysis.library import Catalogue
from faasify.analysis.summaries import Described, LibraryClass, LibraryFunction
from tests.rules_reality import samples
from tests.rules_reality.observer import Late, Observer, Prevented
from tests.rules_reality.samples import Recorder
from tests.rules_reality.shapes import shape, shares_memory
from tests.rules_reality.signatures import Parameter, constructor, signatures

ENOUGH = 12  # successful calls of one function
TRIES = 60


@dataclass
class Findings:
    path: str
    made: int = 0
    finished: int = 0  # those that were not prevented
    unclaimed: dict[str, str] = field(default_factory=dict)
    mutated: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    error: str = ""


@dataclass
class Call:
    """One call to be made: the function, its receiver and arguments as they were before."""

    function: Callable[..., Any]
    receiver: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    called: set[int] = field(default_factory=set)


def described(members: dict[str, Described], owner: str = "") -> Iterator[LibraryFunction]:
    """The functions and methods of a stub; an alias of one is not looked at twice."""
    for name, member in members.items():
        if isinstance(member, LibraryFunction) and member.path.partition(":")[2] == f"{owner}{name}":
            yield member
        elif isinstance(member, LibraryClass) and member.path.partition(":")[2] == f"{owner}{name}":
            yield from described(dict(member.members), f"{owner}{name}.")


def runtime(path: str) -> Any:
    """The object that a path names; raises AttributeError or ImportError."""
    if path in samples.STANDS_FOR:
        return samples.evaluate(samples.STANDS_FOR[path])
    module, _, qualname = path.partition(":")
    owner, _, name = path.rpartition(".")
    if ":" in owner:
        return getattr(runtime(owner), name)
    return getattr(importlib.import_module(module), qualname)


def exists(path: str) -> bool:
    try:
        runtime(path)
    except (AttributeError, ImportError):
        return False
    return True


@cache
def later() -> list[typeshed.Typeshed]:
    """The type stubs as later versions of Python see them."""
    return [typeshed.Typeshed(typeshed.default().search_path, (3, minor)) for minor in range(sys.version_info[1] + 1, 15)]


def is_newer(path: str) -> bool:
    """Whether a later version of Python than this one has it."""
    return any(shed.find(path) is not None for shed in later())


def argument_lists(parameters: tuple[Parameter, ...]) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Arguments as expressions: the needed ones with several samples each, then with each optional one, then with all."""
    needed = [p for p in parameters if not p.optional]
    optional = [p for p in parameters if p.optional and p.kind in ("positional", "keyword")]
    choices = [samples.expressions(p.name, p.types) for p in needed]
    picks = list(itertools.islice(itertools.product(*choices), 300)) if choices else [()]
    picks = sorted(picks[:300], key=lambda pick: len({choices[n].index(e) for n, e in enumerate(pick)}))[:20]
    for pick in picks:
        yield _bound(needed, pick)
    for pick in picks[:3]:
        for extra in optional:
            for expression in samples.expressions(extra.name, extra.types)[:2]:
                args, kwargs = _bound(needed, pick)
                if extra.kind == "positional" and (extra is optional[0] or extra.name.startswith("__")):
                    args.append(expression)
                else:
                    kwargs[extra.name] = expression
                yield args, kwargs
        for star in (p for p in parameters if p.kind == "star"):
            args, kwargs = _bound(needed, pick)
            yield [*args, *samples.expressions(star.name, star.types)[:2]], kwargs


def _bound(parameters: list[Parameter], pick: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    args = [e for p, e in zip(parameters, pick, strict=True) if p.kind != "keyword"]
    return args, {p.name: e for p, e in zip(parameters, pick, strict=True) if p.kind == "keyword"}


def calls_of(member: LibraryFunction) -> Iterator[Callable[[], Call]]:
    """Ways to make calls of a function, each with arguments of its own."""
    owner, _, name = member.path.rpartition(".")
    is_method = member.is_method and ":" in owner
    listed = samples.CALLS.get(member.path)
    if listed is not None:
        written: Iterator[tuple[list[str], dict[str, str]]] = iter(_parsed(text) for text in listed)
    elif name in ("__init__", "__new__") and is_method:
        written = itertools.chain.from_iterable(argument_lists(s) for s in constructor(owner))
    else:
        overloads = signatures(member.path)
        lists = [argument_lists(s) for s in overloads] or [iter([([], {})])]
        written = (made for row in itertools.zip_longest(*lists) for made in row if made is not None)
    receivers = samples.instances(owner) if is_method and name != "__init__" and member.flavour != "classmethod" else [""]
    for args, kwargs in written:
        for receiver in receivers:
            yield lambda a=args, k=kwargs, r=receiver: _made(member, owner, name, r, a, k)


def _parsed(text: str) -> tuple[list[str], dict[str, str]]:
    call = ast.parse(f"f({text})", mode="eval").body
    assert isinstance(call, ast.Call)
    return [ast.unparse(a) for a in call.args], {k.arg or "**": ast.unparse(k.value) for k in call.keywords}


def _made(member: LibraryFunction, owner: str, name: str, receiver: str, args: list[str], kwargs: dict[str, str]) -> Call:
    target = samples.evaluate(receiver) if receiver else None
    if receiver and member.flavour == "property":
        return Call(lambda: getattr(target, name), target, (), {})
    function = getattr(target, name) if receiver else runtime(owner if name == "__init__" else member.path)
    values = [value for a in args for value in _starred(a)]
    return Call(function, target, tuple(values), {k: samples.evaluate(v) for k, v in kwargs.items()})


def _starred(text: str) -> list[Any]:
    return list(samples.evaluate(text[1:])) if text.startswith("*") else [samples.evaluate(text)]


class Judge:
    """Compares what the observer saw of one function with its summary."""

    def __init__(self, catalogue: Catalogue, observer: Observer) -> None:
        self.catalogue = catalogue
        self.observer = observer

    def look(self, member: LibraryFunction) -> Findings:
        findings = Findings(member.path)
        samples.furnish()
        for make, _ in zip(calls_of(member), range(TRIES), strict=False):
            if findings.made >= ENOUGH:
                break
            try:
                call = make()
            except Exception as error:
                findings.error = findings.error or f"no arguments: {error!r}"
                continue
            self.one(member, call, findings)
        return findings

    def one(self, member: LibraryFunction, call: Call, findings: Findings) -> None:
        named = arguments(member, call)
        before = {name: [shape(v) for v in values] for name, values in named.items()}
        elements = {name: [item for v in values for item in contents(v)] for name, values in named.items()}
        result: Any = None
        ended = ""
        try:
            result = self.observer.call(lambda: _awaited(call.function(*call.args, **call.kwargs)))
        except (Prevented, SystemExit) as error:
            ended = type(error).__name__
        except Late:
            findings.error = findings.error or f"took too long with {call.args!r} {call.kwargs!r}"[:200]
            return
        except BaseException as error:
            findings.error = findings.error or f"{error!r} with {call.args!r} {call.kwargs!r}"[:200]
            self.kinds(member, call, findings)
            return
        findings.made += 1
        self.kinds(member, call, findings)
        self.arguments(member, named, before, findings)
        if not ended:
            findings.finished += 1
            self.result(member, call, named, elements, result, findings)
            self.views(member, named, result, findings)

    def kinds(self, member: LibraryFunction, call: Call, findings: Findings) -> None:
        claimed = claims(member)
        for kind, why in self.observer.kinds.items():
            findings.seen.add(kind)
            if kind not in claimed and "unknown" not in claimed:
                findings.unclaimed.setdefault(kind, f"{why} with {call.args!r} {call.kwargs!r}"[:240])

    def arguments(self, member: LibraryFunction, named: dict[str, list[Any]], before: dict[str, list[Any]], findings: Findings) -> None:
        called = {callback.param for callback in member.summary.calls}
        held = {(h.made_by.param if h.made_by else h.param) for h in member.summary.holds}
        streams = {param for param, _ in member.summary.writes_to}
        for name, values in named.items():
            if any(isinstance(v, Recorder) and v.calls for v in values):
                findings.seen.add(f"calls {name}")
                if name not in called | held:
                    findings.unclaimed.setdefault(f"calls {name}", "")
            elif [shape(v) for v in values] != before[name]:
                findings.mutated.add(name)
                of_effect = name == "self" and claims(member) & samples.OF_RECEIVER
                given = {param for param, condition in member.summary.mutates_given if condition in named}
                if name not in {*member.summary.mutates, *given, *streams} and not of_effect:
                    findings.unclaimed.setdefault(f"mutates {name}", f"{before[name]!r}"[:160])

    def result(
        self,
        member: LibraryFunction,
        call: Call,
        named: dict[str, list[Any]],
        elements: dict[str, list[Any]],
        result: Any,
        findings: Findings,
    ) -> None:
        summary = member.summary
        if not (summary.returns or summary.gives) or member.path.endswith((".__init__", ".__new__")):
            return
        fits = {term for term in summary.returns if self.is_one(term, result, named)}
        fits |= {f"gives {name}" for name in summary.gives if _is_in(result, elements.get(name, ()), named.get(name, ()))}
        findings.returned |= fits
        unclear = bool(summary.calls) or result is None
        if not fits and not unclear and result is not NotImplemented:
            findings.unclaimed.setdefault(
                "returns", f"{type(result).__module__}.{type(result).__name__} with {call.args!r} {call.kwargs!r}"[:200]
            )

    def views(self, member: LibraryFunction, named: dict[str, list[Any]], result: Any, findings: Findings) -> None:
        """An array that shares memory with an argument is a view of it, if it is not the argument itself."""
        claimed = {name for name, condition in member.summary.views if not condition or condition in named}
        claimed |= {term[1:] for term in member.summary.returns if term.startswith("=")} | set(member.summary.gives)
        for name, values in named.items():
            if shares_memory(result, values):
                findings.seen.add(f"views {name}")
                if name not in claimed:
                    findings.unclaimed.setdefault(f"views {name}", f"with {values!r}"[:160])

    def is_one(self, term: str, result: Any, named: dict[str, list[Any]]) -> bool:
        if term == "decorator":
            return callable(result)
        if term.startswith("="):
            return any(v is result for v in named.get(term[1:], ())) or (result is None and term[1:] not in named)
        return isinstance(result, samples.classes(term))


def arguments(member: LibraryFunction, call: Call) -> dict[str, list[Any]]:
    """Argument values by the names that the effect stub gives the parameters."""
    named: dict[str, list[Any]] = {"self": [call.receiver]} if member.is_method else {}
    for n, value in enumerate(call.args):
        name = member.positional[n] if n < len(member.positional) else member.vararg or f"argument {n}"
        named.setdefault(name, []).append(value)
    for key, value in call.kwargs.items():
        known = key in member.positional or key in member.keyword
        named.setdefault(key if known else member.kwarg or key, []).append(value)
    return named


def claims(member: LibraryFunction) -> set[str]:
    """The kinds that a summary allows, with those that are part of them."""
    claimed = {*member.summary.effects, *(kind for _, kind in (*member.summary.writes_to, *member.summary.given))}
    if claimed & samples.OUTSIDE:  # where something is, depends on the folder and the environment
        claimed |= {"hidden.environ", "hidden.cwd"}
    return claimed.union(*(samples.IMPLIED.get(kind, ()) for kind in claimed))


def contents(value: Any) -> list[Any]:
    """What a container holds before the call; an iterator is left alone."""
    if isinstance(value, Mapping):
        return list(value.values())
    try:
        counted = hasattr(value, "__len__") and hasattr(value, "__iter__") and not hasattr(value, "__next__")
        return list(value) if counted else []
    except TypeError:  # an array without dimensions
        return []


def _is_in(result: Any, elements: Any, containers: Any) -> bool:
    """Whether the result is an element; a slice of the container counts, and the elements of an iterator nobody knows."""
    if any(item is result for item in elements) or any(hasattr(c, "__next__") or type(c) is type(result) for c in containers):
        return True
    if any(not hasattr(c, "__iter__") for c in containers):  # what a queue or a context manager holds cannot be looked at
        return True
    return isinstance(result, int | float | str) and result in elements


def _awaited(result: Any) -> Any:
    """A coroutine is never awaited here: it would need a loop; it is closed, so that nobody warns."""
    if hasattr(result, "cr_frame"):
        result.close()
    return result


def unseen(member: LibraryFunction, findings: Findings) -> list[str]:
    """What the stub claims and no sample showed."""
    changes = [*member.summary.mutates, *(name for name, _ in member.summary.mutates_given)]
    missing = [f"mutates {name}" for name in changes if name not in findings.mutated]
    missing += [f"views {name}" for name, _ in member.summary.views if f"views {name}" not in findings.seen]
    missing += [f"{kind} is written" for kind in member.summary.effects if kind in samples.WRITTEN and kind not in findings.seen]
    if findings.finished and not member.path.endswith((".__init__", ".__new__")):
        missing += [f"returns {term}" for term in member.summary.returns if term not in findings.returned]
        missing += [f"gives {name}" for name in member.summary.gives if f"gives {name}" not in findings.returned]
    return missing


def main(folder: str, listed: str, rules: str, modules: list[str]) -> None:
    os.chdir(folder)
    skipped = set(json.loads(open(listed).read()))  # noqa: SIM115
    out = os.fdopen(os.dup(1), "w")
    catalogue = Catalogue.default()
    checked = Catalogue([Path(rules)]) if rules else catalogue
    samples.prepare()
    judge = Judge(catalogue, Observer())
    for module in modules:
        for member in described(dict(checked.members(module))):
            if member.path in skipped:
                continue
            if not exists(member.path) and is_newer(member.path):
                continue
            print(json.dumps({"begun": member.path}), file=out, flush=True)
            try:
                findings = judge.look(member)
            except BaseException:
                findings = Findings(member.path, error=traceback.format_exc()[-700:])
            missing = unseen(member, findings) if findings.made else []
            line = {"path": member.path, "made": findings.made, "unclaimed": findings.unclaimed, "unseen": missing, "error": findings.error}
            print(json.dumps(line), file=out, flush=True)
    out.flush()
    os._exit(0)  # library threads and handlers of the samples are of no interest any more
