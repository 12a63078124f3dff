"""The options of `faasify run`, parsed by hand: nothing heavy is imported, because an unchanged program must start at once.

`parse` understands what is well formed; whatever it does not understand it leaves to the real parser in `cli`, which says what is wrong.

>>> parse(["--placement", "remote", "app.py", "--verbose", "x"])
RunOptions(program='app.py', args=('--verbose', 'x'), module=False, placement='remote', ...)
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from faasify import folders
from faasify.errors import UsageError

PLACEMENTS = ("auto", "remote", "local")
ALLOWABLE = ("files", "network", "subprocess")
UNITS_OF_TIME = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Limit(NamedTuple):
    """`--limit app.fib:memory=512,timeout=60`; `pattern` "*": every unit."""

    pattern: str
    memory_mb: int | None = None
    timeout_s: float | None = None


class RunOptions(NamedTuple):
    """What stands before PROGRAM on the command line of `run`, PROGRAM, and what belongs to the program.

    A named tuple, because importing dataclasses takes longer than everything else here.
    """

    program: str
    args: tuple[str, ...] = ()
    module: bool = False  # `-m`: PROGRAM is a module's name
    target: str = "local"
    select: str | None = None  # None: what the settings say, else `auto`
    placement: str | None = None  # None: what the settings say, else `auto`
    allow: tuple[str, ...] = ()
    budget_s: float | None = None
    reports: tuple[str, ...] = ()  # files, by their endings: .json, .html, .trace.json
    progress: bool = False
    final_state: str | None = None  # file for what the program leaves in its modules; for `verify`
    python: str | None = None
    strict: bool = False
    debug: bool = False
    sandbox: bool = False
    limits: tuple[Limit, ...] = ()  # in the order in which they were typed


VALUE_OPTIONS = ("target", "select", "placement", "allow", "budget", "limit", "report", "final-state", "python")
FLAG_OPTIONS = ("strict", "debug", "progress", "sandbox")
REPEATED = ("limit", "report")
REPORTS = (".json", ".html")  # .trace.json is one of the first


def parse(argv: list[str]) -> RunOptions | None:
    """The options of `run`; None when there is anything to explain (an unknown option, a missing program, `--help`)."""
    found: dict[str, Any] = {}
    rest = list(argv)
    while rest and rest[0].startswith("-"):
        name, equals, value = rest.pop(0).partition("=")
        key = name[2:]
        option = key.replace("-", "_")
        if name == "-m" and not equals:
            found["module"] = True
        elif name.startswith("--") and key in FLAG_OPTIONS and not equals:
            found[option] = True
        elif name.startswith("--") and key in VALUE_OPTIONS and (equals or rest):
            value = value if equals else rest.pop(0)
            found[option] = (*found.get(option, ()), value) if key in REPEATED else value
        else:
            return None
    if not rest:
        return None
    return build_options(rest[0], rest[1:], **found)


def build_options(
    program: str,
    args: list[str] | tuple[str, ...] = (),
    *,
    module: bool = False,
    target: str | None = None,
    select: str | None = None,
    placement: str | None = None,
    allow: str | None = None,
    budget: str | None = None,
    report: tuple[str, ...] = (),
    progress: bool = False,
    final_state: str | None = None,
    python: str | None = None,
    strict: bool = False,
    sandbox: bool = False,
    debug: bool = False,
    limit: tuple[str, ...] = (),
) -> RunOptions:
    """Checked options from what was typed; `UsageError` names the choices."""
    return RunOptions(
        program=program,
        args=tuple(args),
        module=module,
        target=target or "local",
        select=select,
        placement=parse_placement(placement),
        allow=parse_allow(allow),
        budget_s=parse_budget(budget),
        reports=tuple(parse_report(text) for text in report),
        progress=progress,
        final_state=folders.absolute(final_state) if final_state else None,
        python=parse_python(python),
        strict=strict,
        sandbox=sandbox,
        debug=debug,
        limits=tuple(map(parse_limit, limit)),
    )


def parse_placement(text: str | None) -> str | None:
    if text is not None and text not in PLACEMENTS:
        raise UsageError(f"there is no placement {text!r}", hint=f"choose from {', '.join(PLACEMENTS)}")
    return text


def parse_allow(text: str | None) -> tuple[str, ...]:
    """`files,network` -> the effects that units may have; each is then called at most once."""
    names = tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))
    for name in names:
        if name not in ALLOWABLE:
            raise UsageError(f"--allow {name}: no effect of that name can be allowed", hint=f"choose from {', '.join(ALLOWABLE)}")
    return names


def parse_budget(text: str | None) -> float | None:
    """`30s`, `500ms`, `2m`, `1h` in seconds.

    >>> parse_budget("2m")
    120.0
    """
    if text is None:
        return None
    if text.lower().endswith(("usd", "eur")) or text.startswith("$"):
        raise UsageError(f"--budget {text}: the local target costs nothing", hint="give it a time: --budget 30s")
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    try:
        seconds = float(number) * UNITS_OF_TIME[text[len(number) :]]
    except (ValueError, KeyError):
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"--budget {text}: that is no time", hint="like --budget 30s, 500ms, 2m or 1h")
    return seconds


def parse_limit(text: str) -> Limit:
    """What a unit may take: `memory=256,timeout=30` for every one, `app.fib:memory=512` for some.

    >>> parse_limit("shapes.*:timeout=2.5")
    Limit(pattern='shapes.*', memory_mb=None, timeout_s=2.5)
    """
    pattern, _, words = text.rpartition(":")
    found: dict[str, Any] = {}
    for word in words.split(","):
        key, _, number = word.partition("=")
        try:
            if key == "memory":
                found["memory_mb"] = int(number)
            elif key == "timeout":
                found["timeout_s"] = float(number)
            else:
                raise ValueError
        except ValueError:
            raise UsageError(f"--limit {text}: {word!r} is no limit", hint=LIMIT_HINT) from None
    if not all(0 < value < float("inf") for value in found.values()):
        raise UsageError(f"--limit {text}: a limit is more than nothing", hint=LIMIT_HINT)
    return Limit(pattern or "*", **found)


LIMIT_HINT = "like --limit memory=256,timeout=30 (MB and seconds), or for some units only --limit app.fib:memory=512"


def parse_report(text: str) -> str:
    """The report's file as an absolute path, because the program may change the working folder."""
    if not text.endswith(REPORTS):
        raise UsageError(f"--report {text}: the name's ending says what it is to be", hint="FILE.json, FILE.html or FILE.trace.json")
    path = os.path.normpath(folders.absolute(text))
    if not os.path.isdir(os.path.dirname(path)) or os.path.isdir(path):
        raise UsageError(f"--report {text}: no file can be written there", hint="name a file in a folder that exists")
    return path


def parse_python(text: str | None) -> str | None:
    if text is None:
        return None
    path = os.path.normpath(folders.absolute(text))
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        raise UsageError(f"--python {text}: there is no interpreter there", hint="give the path of a python3.11, 3.12 or 3.13")
    return path
