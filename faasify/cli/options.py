"""Options that several commands share, and what click's errors become."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

import faasify.cli
from faasify.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

PROGRAM_HELP = "PROGRAM is a script, a package folder with __main__.py, or -m MODULE."


class Commands(click.Group):
    """The `faasify` command; an unknown command names those that exist."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            raise UsageError(f"there is no command {args[0]!r}", hint=f"choose from {', '.join(self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def debug_option(command: Command) -> Command:
    def switch_on(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        faasify.cli.debug = faasify.cli.debug or value

    text = "Show a traceback of faasify's own if it fails."
    return click.option("--debug", is_flag=True, expose_value=False, is_eager=True, callback=switch_on, help=text)(command)


def program_argument(command: Command) -> Command:
    """`[-m] PROGRAM`, as with `python`."""
    command = click.argument("program")(command)
    return click.option("-m", "module", is_flag=True, help="PROGRAM is a module's name, as with python -m.")(command)


def program_and_arguments(command: Command) -> Command:
    """`[-m] PROGRAM [ARGS...]`: everything after PROGRAM belongs to the program."""
    command = click.argument("args", nargs=-1, type=click.UNPROCESSED)(command)
    return program_argument(command)


def select_option(command: Command) -> Command:
    text = "Which functions move: auto (those worth it), all (every one that can), or names and patterns: app.fib,shapes.*"
    return click.option("--select", metavar="auto|all|PATTERN,...", help=text)(command)


def target_option(command: Command) -> Command:
    text = "Where the functions run: see faasify targets."
    return click.option("--target", default="local", metavar="NAME", show_default=True, help=text)(command)


def run_options(command: Command) -> Command:
    """What `run` has; `verify` passes it on."""
    for option in reversed(
        [
            click.option("--placement", metavar="auto|remote|local", help="Where calls run: what pays, everything there, everything here."),
            click.option("--allow", metavar="EFFECT,...", help="Effects that a moved function may have, called at most once then."),
            click.option("--budget", metavar="TIME", help="Once that much time was spent remotely, the rest runs here: 30s, 2m."),
            click.option(
                "--limit",
                metavar="[PATTERN:]memory=MB,timeout=S",
                multiple=True,
                help="What a unit may take before its call is ended there; again for others: app.fib:memory=512.",
            ),
            click.option("--strict", is_flag=True, help="A target that fails is an error, not a reason to run the call here."),
            click.option("--sandbox", is_flag=True, help="Functions run without network, and with a read-only file system."),
            click.option("--python", metavar="PATH", help="The interpreter that runs the program; faasify's own if not given."),
        ]
    ):
        command = option(command)
    return command


@contextmanager
def writing_to(output: Path | None) -> Iterator[TextIO]:
    """The file of `-o`, or stdout."""
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a name that the terminal's encoding lacks is no reason to fail
            sys.stdout.reconfigure(errors="backslashreplace")
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from error
