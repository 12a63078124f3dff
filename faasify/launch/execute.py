"""Hand this process over to the rewritten program: `execve`, with what the runtime needs to know in the environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import faasify
from faasify.errors import FaasifyError, UsageError
from faasify.launch import processes
from faasify.launch.options import Limit, RunOptions, parse

if TYPE_CHECKING:
    from faasify.bundle.cache import Found

PYTHONS = ("3.11", "3.12", "3.13")


def start_unchanged(words: list[str]) -> None:
    """Run a program whose build is still good; come back where there is more to do, or something to explain."""
    options = parse(words)
    if options is None or options.target != "local":
        return
    from faasify.bundle.cache import fast_lookup, inputs
    from faasify.bundle.holds import hold

    found = fast_lookup(inputs(options.program, module=options.module, select=options.select, allow=options.allow))
    if found is not None and (held := hold(found.build)) is not None:
        execute(found, options, held)


def execute(found: Found, options: RunOptions, held: int | None = None) -> NoReturn:
    """Replace this process by the rewritten program. `held`: the descriptor that holds its build, if that is held by now."""
    try:
        become(found, options, held_by_now(found) if held is None else held)
    except BaseException:
        if found.temporary:
            import shutil

            shutil.rmtree(found.build, ignore_errors=True)
        raise


def become(found: Found, options: RunOptions, held: int) -> NoReturn:
    if options.sandbox and (allowed := options.allow or found.allow):
        raise UsageError(f"--sandbox and --allow {','.join(allowed)} exclude each other", hint="take one of them away")
    python = usable(options.python) if options.python else sys.executable
    if not found.moves:
        from faasify.launch import unmoved

        limits(found.build, options.limits)  # those of units that it has not
        unmoved.become(python, found, options, held)
    command = [python, os.path.join(found.build, found.main_file), *options.args]
    environment = launch_environment(os.environ, found, options, held)
    if not options.python:  # straight to the program, without a start of its main file that would only start it again
        try:
            command[1] = prepared(found.build, environment)
        except OSError as error:
            hint = "make room there, or set TMPDIR to another folder"
            raise FaasifyError(f"{found.build} cannot be written, nor a temporary file: {error.strerror}", hint=hint) from error
    processes.flush()
    try:
        if found.temporary:
            run_and_remove(found, command, environment)
        os.execve(python, command, environment)
    except OSError as error:
        raise FaasifyError(f"{python} cannot be started: {error.strerror}") from error


def held_by_now(found: Found) -> int:
    from faasify.bundle.holds import NOT_HELD, hold

    held = NOT_HELD if found.temporary else hold(found.build)
    if held is None:
        raise FaasifyError(f"{found.build} was removed meanwhile", hint="run it again")
    return held


def prepared(build: str, environment: dict[str, str]) -> str:
    """What the interpreter is started on; the environment tells it the rest."""
    from faasify.runtime.caller import restart

    return restart.prepare(build, manifest_of(build), json.loads(environment[restart.RUN]), environment)


def run_and_remove(found: Found, command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Where there is no cache: run the program below this process, end as it ended, and leave nothing behind."""
    import shutil

    processes.end_as(processes.run_below(command, environment, lambda: shutil.rmtree(found.build, ignore_errors=True)))


def usable(python: str) -> str:
    """The interpreter of `--python`, if it is one that the rewritten program runs under."""
    import subprocess

    ask = "import sys; print(*sys.version_info[:2], sep='.')"
    try:
        version = subprocess.run([python, "-I", "-S", "-c", ask], capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout.strip()
    except OSError as error:
        raise FaasifyError(f"{python} cannot be started: {error.strerror}") from error
    if version not in PYTHONS:
        said = f"is Python {version}" if version else "is no Python"
        raise UsageError(f"--python {python}: it {said}", hint=f"give the path of one of {', '.join(PYTHONS)}")
    return python


def launch_environment(inherited: Mapping[str, str], found: Found, options: RunOptions, held: int = -1) -> dict[str, str]:
    """The environment in which `faasify.runtime.caller.boot` finds how it was started; it takes these variables away again.

    `held`: the descriptor by which the build is held until the program has begun; -1: there is none.
    """
    environment = dict(inherited)
    seed_before = environment.get("PYTHONHASHSEED")
    seed_added = seed_before in (None, "random")
    if seed_added:  # all processes of a run share one, and it is a new one every time, as with plain Python
        environment["PYTHONHASHSEED"] = str(int.from_bytes(os.urandom(4), "big") or 1)
    path_added = ""
    if options.python:
        path_added = runtime_folder(found.build)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [path_added, inherited.get("PYTHONPATH")]))
    environment["FAASIFY_RUN"] = json.dumps(
        {
            "argv0": options.program,
            "placement": options.placement or found.placement,
            "reports": list(options.reports),
            "progress": options.progress,
            "faasify": sys.executable,
            "final_state": options.final_state,
            "strict": options.strict,
            "sandbox": options.sandbox,
            "allow": list(options.allow or found.allow),
            "budget_s": options.budget_s,
            "limits": limits(found.build, options.limits),
            "select": None,
            "run_as": found.run_as,
            "debug": options.debug,
            "hash_seed_added": seed_added,
            "hash_seed_before": seed_before,
            "path_added": path_added,
            "held": held,
        }
    )
    return environment


def limits(build: str, typed: tuple[Limit, ...]) -> dict[str, dict[str, float]]:
    """What was typed, by unit, "*" for those that nothing was typed about: {"app.fib": {"memory_mb": 512}}"""
    values = {limit: {name: value for name, value in limit._asdict().items() if name != "pattern" and value} for limit in typed}
    found: dict[str, dict[str, float]] = {}
    if all(limit.pattern == "*" for limit in typed):
        return {"*": {name: value for limit in typed for name, value in values[limit].items()}} if typed else {}
    from fnmatch import fnmatchcase

    names = list(manifest_of(build)["units"])
    for limit in typed:
        matched = [name for name in names if fnmatchcase(name, limit.pattern) or name.startswith(limit.pattern + ".")]
        if not matched:
            raise UsageError(f"--limit {limit.pattern}: no unit of the program has that name", hint="its units: faasify analyze PROGRAM")
        for name in matched:
            found[name] = {**found.get(name, {}), **values[limit]}
    return found


def manifest_of(build: str) -> dict[str, Any]:
    with open(os.path.join(build, ".faasify", "manifest.json"), encoding="utf-8") as f:
        manifest: dict[str, Any] = json.load(f)
    return manifest


def runtime_folder(build: str) -> str:
    """A folder with nothing but faasify in it, for an interpreter that does not have faasify installed.

    Its neighbours in site-packages must not become importable there.
    """
    folder = os.path.join(build, ".faasify", "path")
    os.makedirs(folder, exist_ok=True)
    try:
        os.symlink(os.path.dirname(os.path.abspath(faasify.__file__)), os.path.join(folder, "faasify"))
    except FileExistsError:
        pass
    return folder
