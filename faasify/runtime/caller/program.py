"""A rewritten program as it runs: `start` is the first thing that its main module does.

The program sees what the original would: `__main__`, `__file__`, `sys.argv[0]`, `sys.path[0]` and line numbers are the
original's while that still is where it was and unchanged, else those of the copy in the build folder.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import sys
import warnings
from collections import deque
from collections.abc import Callable
from importlib.machinery import BuiltinImporter, SourceFileLoader
from importlib.util import spec_from_file_location
from os import getpid  # kept, whatever the program puts in its place
from types import CodeType, ModuleType
from typing import Any

from faasify.runtime.caller import interaction, loader, restart, tracebacks
from faasify.runtime.caller.session import working
from faasify.runtime.caller.state import Runtime, Settings
from faasify.runtime.unit import changes, hashing, layouts
from faasify.runtime.unit.world import RUNTIME, place

_program: _Program | None = None


def start() -> None:
    """Make the module that calls this the program's main module, and everything ready for its stubs."""
    global _program
    options = json.loads(os.environ.pop(restart.RUN))
    _restore_environment(options)
    if (held := options.pop("held", -1)) >= 0:  # the program's children need not hold its build
        try:
            os.set_inheritable(held, False)
        except OSError:  # something that the interpreter starts with has closed it
            pass
    with open(os.path.join(options["build"], ".faasify", "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    place(manifest, options["root"], options["shown"])
    restart.running = True
    seed = options["hash_seed"]
    _program = _Program(options, manifest, seed)
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(RUNTIME):
        frame = frame.f_back  # type: ignore[assignment]
    _program.begin(frame.f_code)


def _import_parents(target: str, space: dict[str, Any]) -> None:
    """What `python -m pkg.tool` does first: its packages are imported, and there is a warning if one of them imports the module itself.
    Meanwhile `space`, the main module's, is as bare as the interpreter makes it."""
    import runpy

    run: Any = runpy
    dressed = {name: space[name] for name in ("__package__", "__loader__", "__spec__", "__file__", "__cached__")}
    del space["__file__"], space["__cached__"]
    space.update(__package__=None, __loader__=BuiltinImporter, __spec__=None)
    shown, sys.argv[0] = sys.argv[0], "-m"
    try:
        run._get_module_details(target, run._Error)
    except run._Error as error:  # the packages have seen to it that there is no such module any more
        sys.exit(f"{sys.executable}: {error}")
    except SystemExit:
        raise
    except BaseException as error:
        tracebacks.begin_at(error, run._get_module_details.__code__)
        raise
    finally:
        sys.argv[0] = shown
        space.update(dressed)


def current() -> Runtime:
    assert _program is not None
    return _program.runtime


def _restore_environment(options: dict[str, Any]) -> None:
    """Take away what was put into the environment to get here."""
    options["hash_seed"] = os.environ["PYTHONHASHSEED"]
    if options.get("hash_seed_added"):
        if options.get("hash_seed_before") is not None:
            os.environ["PYTHONHASHSEED"] = options["hash_seed_before"]
        else:
            del os.environ["PYTHONHASHSEED"]
    added = options.get("path_added")
    if added:
        sys.path[:] = [p for p in sys.path if p != added]  # the package is loaded: its modules are found through it
        left = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and p != added]
        if left:
            os.environ["PYTHONPATH"] = os.pathsep.join(left)
        else:
            os.environ.pop("PYTHONPATH", None)


def _at_exit_unseen(do: Callable[[], None]) -> None:
    """Register what a trace or profile function that the program has left in place is not to see: what takes it away before and puts it
    back behind is called from C alone, of which neither hears. The last registered is called first."""
    import atexit

    observers: list[tuple[Any, Any, list[Any]]] = [(sys.settrace, sys.gettrace, []), (sys.setprofile, sys.getprofile, [])]
    for setter, _, kept in observers:
        atexit.register(deque(maxlen=0).extend, itertools.starmap(setter, zip(kept, strict=True)))
    atexit.register(do)
    for setter, getter, kept in observers:
        atexit.register(setter, None)
        atexit.register(kept.extend, itertools.starmap(getter, [()]))


class _Program:
    """One run of a rewritten program in this process."""

    def __init__(self, options: dict[str, Any], manifest: dict[str, Any], seed: str) -> None:
        self.build: str = options["build"]
        self.root: str = options["root"]
        self.main_file: str = options["main"]
        self.manifest = manifest
        self.settings = Settings(options)
        self._retype()
        self.runtime = Runtime(self.build, manifest, self.settings, seed)
        self.codes: dict[str, CodeType] = {}
        self.final_state: Any = None
        if self.settings.final_state is not None:  # now: the program may replace what it asks of the library
            from faasify.runtime.caller import final_state

            self.final_state = final_state

    def begin(self, code: CodeType) -> None:
        _at_exit_unseen(self._end)
        entry = self.manifest["modules"][self.manifest["program"]["main"]]
        plain, warned = loader.plain_of(self.main_file), loader.warned_of(self.main_file)
        loader.drop_temporary(self.main_file, self.build)
        module = sys.modules["__main__"]
        self._dress(module, os.path.join(self.root, entry["file"]))
        self._install_finder()
        if self.runtime.remote and self.manifest["units"]:
            self.runtime.world.originals["stdin"] = interaction.install()
            self.runtime.open_pool()
        self.runtime.world.add("__main__", module, code, plain)
        self.runtime.loading()
        for message, line in warned:
            warnings.warn_explicit(message, SyntaxWarning, os.path.join(self.root, entry["file"]), line)
        if vars(module)["__package__"]:
            _import_parents(self.manifest["program"]["target"], vars(module))

    def _retype(self) -> None:
        """What was typed, as if for the original."""
        program = self.manifest["program"]
        shown = self.root if program["run_as"] == "package" else os.path.join(self.root, self.manifest["modules"][program["main"]]["file"])
        words = ["-m", program["target"]] if program["run_as"] == "module" else [self.settings.argv0 or shown]
        sys.orig_argv[:] = [sys.executable, *restart.flags(), *words, *sys.argv[1:]]

    def _dress(self, module: ModuleType, shown: str) -> None:
        """Give the main module and `sys` what they have when the original is run."""
        program, space = self.manifest["program"], vars(module)
        name: str = program["main"]
        space["__file__"] = shown
        space["__loader__"] = SourceFileLoader("__main__", shown)
        sys.argv[0] = shown if program["run_as"] == "module" else self.settings.argv0 or shown
        sys.path[0] = self.root
        if program["run_as"] == "module":
            space["__package__"] = name.rpartition(".")[0]
            space["__spec__"] = spec_from_file_location(name, shown)
        elif program["run_as"] == "package":  # a folder: python puts it on the path itself
            typed = sys.argv[0] = self.settings.argv0 or self.root
            sys.path[0] = restart.whole(typed)
            space["__package__"] = ""
            space["__spec__"] = spec_from_file_location("__main__", shown)

        if space["__spec__"] is not None:  # runpy takes these from it
            space["__loader__"], space["__cached__"] = space["__spec__"].loader, space["__spec__"].cached

    def _code(self, entry: dict[str, Any], shown: str) -> CodeType:
        return loader.code_of(self.build, entry, shown, self.runtime.unit)

    def _install_finder(self) -> None:
        files: dict[str, tuple[str, Callable[[], CodeType]]] = {}
        for entry in self.manifest["modules"].values():
            shown = os.path.join(self.root, entry["file"])
            if entry["import_name"] != "__main__":
                files[shown] = (entry["import_name"], functools.partial(self._loaded_code, entry, shown))
        sys.meta_path.insert(0, loader.Finder(files, self._loading, self.runtime.library))

    def _loaded_code(self, entry: dict[str, Any], shown: str) -> CodeType:
        code = self.codes[entry["import_name"]] = self._code(entry, shown)
        module = self.runtime.world.modules.get(entry["import_name"])
        if module is not None:
            self.runtime.world.add(entry["import_name"], module, code)
            self.runtime.loading()
        return code

    def _loading(self, module: ModuleType) -> None:
        self.runtime.world.loading(module.__name__, module)

    def _end(self) -> None:
        """After everything else at exit: the report; no process is left behind, and nothing of the program is kept alive."""
        runtime = self.runtime
        if self.final_state is not None and getpid() == runtime.report.pid:
            self.final_state.write(self.settings.final_state, self.root)
        for session in working:
            session.note_end_of_program()
        for path in self.settings.reports:
            try:
                runtime.report.write(path, self.settings.faasify)
            except OSError as e:
                print(f"faasify: cannot write the report {path}: {e.strerror}", file=sys.stderr)
        runtime.close()
        for forget in (layouts.forget_classes, changes.forget_classes, hashing.forget_classes):
            forget()
