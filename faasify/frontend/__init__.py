"""Source to Program: which files are the program, read and parsed; nothing is imported or run.

    >>> program = load("examples/fib/app.py", cwd=Path.cwd())        # doctest: +SKIP
    >>> program.main, sorted(program.modules)                        # doctest: +SKIP
    ('app', ['app'])

A program's modules are its main file and every module that it imports, directly or not, from the folder that Python puts first on
`sys.path`. What lies beside it without being imported is a data file.
"""

from __future__ import annotations

from pathlib import Path

from faasify.errors import ProgramError
from faasify.frontend.collection import put_off
from faasify.frontend.discovery import discover, whole_folder
from faasify.frontend.files import data_files
from faasify.frontend.layout import Start, find_start
from faasify.frontend.source import read_module
from faasify.model.program import Damage, Module, Program, RunAs

__all__ = ["load"]


def load(target: str, *, run_as: RunAs | None = None, cwd: Path) -> Program:
    """The program that `python target` (or `python -m target`) would run, or all modules of a folder.

    `run_as` None guesses: a file is a script, a folder with `__main__.py` a package, any other folder is only analysed.
    Raises ProgramError, in one line, where there is no such program or its main file is no Python source.
    """
    with put_off():
        return _load(find_start(target, run_as=run_as, cwd=cwd), target)


def _load(start: Start, target: str) -> Program:
    if start.main_file is None:
        modules, damage = whole_folder(start)
        if not modules and not damage:
            raise ProgramError(f"there is no Python file in {target}", hint="name a script, a package folder, or -m MODULE")
        return _program(start, None, modules, damage)
    main = read_module(start.main_file, name=start.main_name, import_name="__main__", root=start.root)
    if isinstance(main, Damage):
        raise ProgramError(f"{main.path}:{main.line}: {main.message}", hint="python itself cannot run this file")
    modules, damage = discover(start, main)
    return _program(start, main.name, modules, damage)


def _program(start: Start, main: str | None, modules: dict[str, Module], damage: list[Damage]) -> Program:
    return Program(
        root=start.root,
        run_as=start.run_as,
        target=start.target,
        main=main,
        modules=modules,
        data_files=data_files(start.root, modules.values(), only_below=start.only_below),
        damage=tuple(damage),
    )
