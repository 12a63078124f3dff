"""`faasify verify`: the options become jobs, the comparisons are shown, the exit code says whether all agree."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from faasify import folders, frontend, launch, targets
from faasify.cli.options import writing_to
from faasify.errors import ProgramError, UsageError
from faasify.report.comparison import Comparison, as_json, as_text
from faasify.report.verify_page import html
from faasify.verify import Job, verify

PASSED_ON = ("placement", "allow", "budget", "limit", "python", "strict", "sandbox")  # to `faasify run`


def verify_all(program: str, module: bool, args: tuple[str, ...], options: Mapping[str, Any]) -> int:
    """One comparison, or one a line of `--args FILE`; 0 when all agree."""
    if options["args_file"] is not None and args:
        raise UsageError("arguments stand both after PROGRAM and in --args", hint="give them in one place")
    if (page := options["html"]) is not None and not page.parent.is_dir():  # said before the program has run, not after
        raise UsageError(f"--html {page}: no file can be written there", hint="name a file in a folder that exists")
    comparisons = []
    for job in jobs(program, module, args, options):
        comparison = verify(job)
        comparisons.append(comparison)
        if not options["as_json"]:
            click.echo("\n".join(as_text(comparison)))
    agree = all(comparison.agrees for comparison in comparisons)
    if page is not None:
        with writing_to(page) as stream:
            stream.write(html(program, comparisons, conclusion(comparisons)))
    if options["as_json"]:
        runs = [as_json(comparison) for comparison in comparisons]
        json.dump({"version": 1, "program": program, "agrees": agree, "runs": runs}, sys.stdout, indent=2)
        print()
    else:
        click.echo(conclusion(comparisons))
    return 0 if agree else 1


def jobs(program: str, module: bool, args: tuple[str, ...], options: Mapping[str, Any]) -> Iterator[Job]:
    target = targets.find(options["target"])
    checked = launch.build_options(program, module=module, **{name: options[name] for name in PASSED_ON})
    loaded = frontend.load(program, run_as="module" if module else None, cwd=Path(folders.current()))
    if loaded.main is None:
        raise ProgramError(f"{program} has no __main__.py, so it cannot be run", hint="name a script, a package folder, or -m MODULE")
    stdin = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read()
    cwd = Path(folders.current())
    if loaded.run_as == "module" and not module:  # a folder that only `python -m` can run
        program, module, cwd = loaded.target, True, loaded.root
    for arguments in argument_lists(args, options["args_file"]):
        yield Job(
            program=program,
            args=arguments,
            root=loaded.root,
            cwd=cwd,
            module=module,
            stdin=stdin,
            select=options["select"],
            allow=checked.allow,
            run_options=tuple(passed_on(options, target.name)),
            python=checked.python or sys.executable,
            timeout_s=options["timeout"],
        )


def passed_on(options: Mapping[str, Any], target: str) -> Iterator[str]:
    """The options that `faasify run` gets."""
    yield from ("--target", target, "--placement", options["placement"] or "remote")
    for name in ("select", "allow", "budget", "python"):
        if options[name] is not None:
            yield from (f"--{name}", options[name])
    for limit in options["limit"]:
        yield from ("--limit", limit)
    for flag in ("strict", "sandbox"):
        if options[flag]:
            yield f"--{flag}"


def argument_lists(args: tuple[str, ...], file: Path | None) -> Iterator[tuple[str, ...]]:
    if file is None:
        yield args
        return
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        for line in lines:
            yield tuple(shlex.split(line))
    except (OSError, ValueError) as error:
        raise UsageError(f"--args {file}: {error}", hint="one run a line, quoted as in a shell") from error


def conclusion(comparisons: list[Comparison]) -> str:
    different = sum(not comparison.agrees for comparison in comparisons)
    points = [point for comparison in comparisons for point in comparison.points]
    left_out = sorted({point.name for point in points if point.verdict == "not compared"})
    left_out += sorted({f"{point.name} (in part)" for point in points if point.apart} - {f"{name} (in part)" for name in left_out})
    if left_out and not different:
        return f"They agree in what could be compared; not compared: {', '.join(left_out)}."
    if len(comparisons) == 1:
        return "They do not agree." if different else "They agree."
    return f"{different} of {len(comparisons)} runs do not agree." if different else f"All {len(comparisons)} runs agree."
