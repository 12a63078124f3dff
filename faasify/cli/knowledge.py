"""rules, targets, explain, cache: what the tool knows, and what it keeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from faasify.cli.options import debug_option

if TYPE_CHECKING:
    from faasify.bundle.store import CacheInfo


@click.command(short_help="The rewrite rules and what is known of libraries.")
@click.argument("name", required=False)
@debug_option
def rules(name: str | None) -> None:
    """List the rewrite rules and the libraries whose effects are described; with NAME, show one with its examples.

    NAME is a rewrite rule, a library (json) or something in one (json.dump, pathlib.Path.read_text). The rules of the project in this
    folder are among them.
    """
    from faasify.config import read_settings
    from faasify.report.rules import show_rule, show_rules
    from faasify.report.terminal import console

    own = read_settings(Path.cwd()).rules
    if name is None:
        show_rules(console(), own)
    else:
        show_rule(name, console(), own)


@click.command(short_help="Where functions can run.")
@debug_option
def targets() -> None:
    """List the targets, and whether each can be used on this machine."""
    from faasify import targets as known
    from faasify.report.terminal import console, plain, table

    made = table("target", "ready", "a call costs", "what it is", wraps="what it is")
    for target in known.targets():
        problem = target.problem()
        ready = plain("no: " + problem, "red") if problem else plain("yes", "green")
        made.add_row(plain(target.name), ready, plain(target.costs), plain(target.summary))
    console().print(made)


@click.command(short_help="What a verdict's code means.")
@click.argument("code")
@debug_option
def explain(code: str) -> None:
    """Say what a verdict's code means and what one can do: faasify explain CLOCK_AND_STDIN"""
    from faasify.report.codes import explanation

    click.echo(explanation(code))


@click.group(invoke_without_command=True, short_help="Where analyses and bundles are kept.")
@click.pass_context
@debug_option
def cache(context: click.Context) -> None:
    """Say where analyses and bundles are kept and how large they are; `faasify cache clear` removes them."""
    if context.invoked_subcommand is None:
        from faasify.bundle import store

        click.echo(contents(store.info()))


@cache.command()
@debug_option
def clear() -> None:
    """Remove what is kept; the next run analyses again. What programs that run just now were started from stays."""
    from faasify.bundle import store

    before, in_use = store.clear()
    stay = f"; programs that run hold {in_use} of them, which stay" if in_use else ""
    click.echo(f"removed: {contents(before)}{stay}")


def contents(info: CacheInfo) -> str:
    return f"{info.folder}  {info.builds} builds, {info.bytes / 1e6:.1f} MB"
