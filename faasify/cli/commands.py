"""analyze, transform, run, verify, invoke: what one does with a program."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import faasify.cli
from faasify import __version__
from faasify.cli import knowledge
from faasify.cli.events import find_unit, parse_event
from faasify.cli.options import (
    PROGRAM_HELP,
    Commands,
    debug_option,
    program_and_arguments,
    program_argument,
    run_options,
    select_option,
    target_option,
    writing_to,
)
from faasify.errors import UsageError

if TYPE_CHECKING:
    from faasify.pipeline import Request

FORMATS = ("table", "json", "dot", "mermaid", "svg", "html", "pycg")


def run_command(words: list[str]) -> int:
    """Parse and do one command; click's errors become ours."""
    try:
        code = group.main(args=words or ["--help"], prog_name="faasify", standalone_mode=False)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "faasify"
        raise UsageError(error.format_message().rstrip("."), hint=f"see {command} --help") from error
    except click.ClickException as error:
        raise UsageError(error.format_message()) from error
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, "-V", "--version", message="faasify %(version)s")
@debug_option
def group() -> None:
    """A plain Python program in, a drop-in replacement whose functions run elsewhere out."""


@group.command(short_help="What calls what, what each function touches, and whether it can move.", epilog=PROGRAM_HELP)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
@click.option("--all", "everything", is_flag=True, help="Every function in the table, however many there are.")
@program_argument
@debug_option
def analyze(program: str, module: bool, format_: str, output: Path | None, everything: bool) -> None:
    """What calls what, what each function touches, and its verdict: travels, travels guarded, or stays because of a line.

    PROGRAM may be any folder or installed package as well.
    """
    from faasify import pipeline
    from faasify.frontend.collection import put_off, set_aside

    with put_off():
        partition = pipeline.divide(request(program, module))
        if partition.analysis.coarse:
            set_aside()
    with writing_to(output) as stream:
        if format_ == "table":
            from faasify.report.terminal import console
            from faasify.report.verdicts import show_verdicts

            command = f"-m {program}" if module else shlex.quote(program)
            show_verdicts(partition.analysis, console(stream), command, everything=everything)
        else:
            from faasify.report.graphs import exported

            stream.write(exported(partition, format_))


@group.command(short_help="Write the rewritten program and its units.", epilog=PROGRAM_HELP)
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@target_option
@select_option
@program_argument
@debug_option
def transform(program: str, module: bool, output: Path, target: str, select: str | None) -> None:
    """Write the rewritten program and its units into a folder; print what changed, a unit a line."""
    from faasify import pipeline, targets
    from faasify.report.changes import show_changes
    from faasify.report.terminal import console

    targets.find(target)
    show_changes(pipeline.transform(request(program, module, select), output), output, console())


@group.command(
    short_help="Run a program with its functions elsewhere.",
    epilog=PROGRAM_HELP,
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
)
@target_option
@select_option
@run_options
@click.option(
    "--report", multiple=True, metavar="FILE", help="Write what ran where, how often, how long: FILE.json, FILE.html or FILE.trace.json."
)
@click.option("--progress", is_flag=True, help="Show a line of the calls in flight on stderr.")
@click.option("--final-state", hidden=True)
@program_and_arguments
@debug_option
def run(**options: Any) -> None:
    """Run a program with its functions elsewhere: same output, same exit code, same exceptions.

    What changed since the last run is analysed and rewritten again. Everything after PROGRAM belongs to the program.
    """
    from faasify import launch, pipeline, targets

    checked = launch.build_options(options.pop("program"), options.pop("args"), debug=faasify.cli.debug, **options)
    targets.find(checked.target)
    found = pipeline.prepare(request(checked.program, checked.module, checked.select, checked.allow))
    launch.execute(found, checked)


@group.command(
    short_help="Run original and rewritten side by side, and compare.",
    epilog=PROGRAM_HELP,
    context_settings={"allow_interspersed_args": False},
)
@target_option
@select_option
@run_options
@click.option("--json", "as_json", is_flag=True, help="For scripts: a JSON document on stdout.")
@click.option("--html", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="The same as a page, with the differences.")
@click.option("--args", "args_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="One run for each line of FILE.")
@click.option("--timeout", type=float, metavar="SECONDS", help="For each run.")
@program_and_arguments
@debug_option
def verify(program: str, module: bool, args: tuple[str, ...], **options: Any) -> int:
    """Run original and rewritten side by side, in copies of the folder, and say point by point whether they agree.

    Calls run remotely unless --placement says otherwise. Exit code 0: they agree; 1: they do not.
    """
    from faasify.cli.verification import verify_all

    return verify_all(program, module, args, options)


@group.command(short_help="Send a plain event to a unit.", epilog=PROGRAM_HELP)
@target_option
@program_argument
@click.argument("unit")
@click.argument("event", metavar="JSON")
@debug_option
def invoke(program: str, module: bool, target: str, unit: str, event: str) -> int:
    """Send a plain event, the parameters by name, to a unit: faasify invoke app.py fib '{"x": 12}'"""
    from faasify import pipeline, targets

    place = targets.find(target)
    parameters = parse_event(event)
    build = Path(pipeline.prepare(request(program, module, "all"), units=True).build)
    result = place.invoke(build, find_unit(build, unit, parameters), parameters)
    json.dump(result, sys.stdout, ensure_ascii=False)
    print()
    return 1 if "error" in result else 0


def request(program: str, module: bool, select: str | None = None, allow: tuple[str, ...] = ()) -> Request:
    """What the stages are asked for."""
    from faasify.pipeline import Request

    return Request(program, "module" if module else None, select, allow)


for command in (knowledge.rules, knowledge.targets, knowledge.explain, knowledge.cache):
    group.add_command(command)
