"""The whole tool on one screen, as a list of calls.

files -> Program -> Analysis -> Partition -> RewrittenProgram -> Bundle -> a build directory
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from faasify import folders
from faasify.analysis import analyse as analyse_program
from faasify.bundle import cache
from faasify.bundle.build import bundle
from faasify.bundle.cache import Found
from faasify.bundle.writer import write
from faasify.config import FILE_NAME, Selection, Settings, parse_selection, read_settings
from faasify.errors import UsageError
from faasify.frontend import load
from faasify.model.effects import Analysis
from faasify.model.partition import Limits, Partition
from faasify.model.program import Program, RunAs
from faasify.model.rewritten import RewrittenProgram
from faasify.partition import partition

BOOT = "\n_faasify_boot(__file__)  # faasify"


@dataclass(frozen=True)
class Request:
    """A program as it was typed, and the options that decide what its build is."""

    target: str
    run_as: RunAs | None = None
    select: str | None = None  # None: as the settings say
    allow: tuple[str, ...] = ()
    cwd: Path | None = None

    @property
    def folder(self) -> Path:
        """Where relative names are looked up; an absolute one needs no current folder."""
        if self.cwd is not None:
            return self.cwd
        return Path(os.sep if self.run_as != "module" and os.path.isabs(self.target) else folders.current())


def analyse(request: Request) -> Analysis:
    """What calls what, what it touches, and its verdict."""
    program = load(request.target, run_as=request.run_as, cwd=request.folder)
    settings = settings_of(program, request)
    return analyse_program(program, rules=[Path(rule) for rule in settings.rules], allow=frozenset(settings.allow))


def divide(request: Request) -> Partition:
    """Which functions become units."""
    analysis = analyse(request)
    settings = settings_of(analysis.program, request)
    return partition(analysis, settings.select, limits_of(settings), exclude=settings.exclude)


def rewritten(request: Request) -> RewrittenProgram:
    """The program with its stubs, in memory."""
    from faasify.rewrite.engine import rewrite  # with libcst, which takes a third of the time of analysing a small program

    divided = divide(request)
    program = divided.analysis.program
    if program.main is None:
        raise UsageError(
            f"{request.target} is a folder without __main__.py: nothing in it is run", hint="name the script in it to run, or -m MODULE"
        )
    if already := [module.path for module in program.modules.values() if BOOT in module.source]:
        raise UsageError(f"{already[0]} is rewritten already", hint="run it with python, or name the original program")
    return rewrite(divided, extra_rules=settings_of(program, request).rules)


def transform(request: Request, out: Path) -> RewrittenProgram:
    """The program with its stubs and its units, as a directory that stands beside the original."""
    program = rewritten(request)
    types = settings_of(program.partition.analysis.program, request).types
    write(bundle(program, types=types), Path(folders.absolute(os.path.join(request.cwd or "", out))))
    return program


def prepare(request: Request, *, units: bool = False) -> Found:
    """A build in the user's cache that is ready to run; made only if there is none, or the program changed.

    `units`: with a folder for each unit, to call one by hand (`faasify invoke`).
    """
    from faasify.bundle import store

    asked = inputs_of(request, "local+units" if units else "local")
    if found := cache.fast_lookup(asked):
        return found
    program = rewritten(request)
    source = program.partition.analysis.program
    settings = settings_of(source, request)
    needs = store.dependencies(source, probes(request, source, settings))
    return store.store(bundle(program, units=units, copies=False, types=settings.types), asked, needs, settings)


def limits_of(settings: Settings) -> Limits:
    """What [tool.faasify] gives to all units, and to single ones."""
    return Limits(settings.memory, settings.timeout, tuple((name, Limits(memory, timeout)) for name, memory, timeout in settings.units))


def settings_of(program: Program, request: Request) -> Settings:
    """[tool.faasify], and over it what was typed."""
    found = (read_settings(folder) for folder in settings_folders(program) if (folder / FILE_NAME).is_file())
    settings = next(found, Settings())
    select: Selection = parse_selection(request.select, typed=True) if request.select is not None else settings.select
    return replace(settings, select=select, allow=request.allow or settings.allow)


def settings_folders(program: Program) -> tuple[Path, ...]:
    """Beside the program: for a package that is run as a folder, in it or beside it."""
    return (program.root, program.root.parent) if program.run_as == "package" else (program.root,)


def inputs_of(request: Request, target: str = "local") -> cache.Inputs:
    """The same question that the command line's short cut asks."""
    module = request.run_as == "module"
    return cache.inputs(request.target, module=module, select=request.select, target=target, allow=request.allow, cwd=str(request.folder))


def probes(request: Request, program: Program, settings: Settings) -> Iterable[Path]:
    """Files that decide about the build whether they are there or not, besides the program's own."""
    yield from (folder / FILE_NAME for folder in settings_folders(program))
    typed = (request.folder / request.target).absolute()
    yield from (typed / "__main__.py", typed / "__init__.py", typed.with_suffix("") / "__init__.py")
    for rules in settings.rules:
        yield from rule_files(Path(rules))
    yield from map(Path, settings.types)


def rule_files(folder: Path) -> Iterable[Path]:
    """A project's own rules, and the folders in which another one may appear."""
    for place in (folder, folder / "effects", folder / "rewrites"):
        yield place
        yield from sorted(file for file in place.glob("*.py*") if file.is_file())
