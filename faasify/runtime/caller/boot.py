"""Starts a rewritten program: `python build/app.py ARGS` runs the header line of app.py, and this takes over.

The program runs as the original would: `__main__`, `__file__`, `sys.argv[0]`, `sys.path[0]` and line numbers are the original's
while that still is where it
was and unchanged, else those of the copy in the build folder. All processes of a run share one hash seed (T4), so the
interpreter is started again
where none is set.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any, NoReturn

from faasify.runtime.caller import interaction, loader, tracebacks
from faasify.runtime.caller.state import Runtime, Settings
from faasify.runtime.unit import stack

RUN = "FAASIFY_RUN"
_booted = False
_current: Runtime | None = None


def boot(main_file: str) -> None:
    """Run the rewritten program whose main file this is, then end the process as the program would have. Does nothing within a
    program that runs."""
    global _booted
    if _booted:
        return
    _booted = True
    import json

    options = json.loads(os.environ.get(RUN, "{}"))
    _fix_hash_seed(options)
    build = _build_folder(main_file)
    with open(os.path.join(build, ".faasify", "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    seed = os.environ["PYTHONHASHSEED"]
    os.environ.pop(RUN, None)
    if options.get("hash_seed_added"):
        del os.environ["PYTHONHASHSEED"]
    _Program(build, manifest, Settings(options), seed).run()


def _fix_hash_seed(options: dict[str, Any]) -> None:
    seed = os.environ.get("PYTHONHASHSEED", "random")
    if seed == "random":
        import json

        os.environ["PYTHONHASHSEED"] = str(int.from_bytes(os.urandom(4), "little"))
        os.environ[RUN] = json.dumps({**options, "hash_seed_added": True})
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _build_folder(main_file: str) -> str:
    folder = os.path.dirname(os.path.abspath(main_file))
    while not os.path.exists(os.path.join(folder, ".faasify", "manifest.json")):
        parent = os.path.dirname(folder)
        if parent == folder:
            _fail(f"{main_file} is not in a folder written by `faasify transform`")
        folder = parent
    return folder


def _fail(message: str) -> NoReturn:
    print(f"faasify: {message}", file=sys.stderr)
    raise SystemExit(2)


class _Program:
    """One run of a rewritten program in this process."""

    def __init__(self, build: str, manifest: dict[str, Any], settings: Settings, seed: str) -> None:
        self.build, self.manifest, self.settings = build, manifest, settings
        self.root = self._root()
        manifest["program"]["root"] = self.root
        self.runtime = Runtime(build, manifest, settings, seed)
        self.codes: dict[str, CodeType] = {}

    def _root(self) -> str:
        """Where the original is, if it still is what was transformed; else the build folder stands for itself."""
        root: str = self.manifest["program"]["root"]
        for entry in self.manifest["modules"].values():
            try:
                with open(os.path.join(root, entry["file"]), "rb") as f:
                    if hashlib.sha256(f.read()).hexdigest() != entry["sha256"]:
                        return self.build
            except OSError:
                return self.build
        return root

    def run(self) -> NoReturn:
        global _current
        import atexit

        _current = self.runtime
        if self.runtime.remote and self.manifest["units"]:
            self.runtime.world.originals["stdin"] = interaction.install()
        atexit.register(self._end)
        entry = self.manifest["modules"][self.manifest["program"]["main"]]
        shown = os.path.join(self.root, entry["file"])
        module = self._main_module(entry, shown)
        self._install_finder()
        if self.runtime.remote and self.manifest["units"]:
            self.runtime.open_pool()
        code = self._code(entry, shown)
        self.runtime.world.add("__main__", module, code)
        _shift_recursion_limit()
        try:
            exec(code, vars(module))
        except SystemExit:
            raise
        except BaseException as e:
            e.__traceback__ = tracebacks.strip(e.__traceback__)
            self._uncaught(e)
        raise SystemExit(0)

    def _code(self, entry: dict[str, Any], shown: str) -> CodeType:
        return loader.code_of(self.build, entry, shown, self.runtime.unit)

    def _main_module(self, entry: dict[str, Any], shown: str) -> ModuleType:
        program = self.manifest["program"]
        module = ModuleType("__main__")
        space = vars(module)
        space.clear()
        names = (
            "__name__",
            "__doc__",
            "__package__",
            "__loader__",
            "__spec__",
            "__annotations__",
            "__builtins__",
            "__file__",
            "__cached__",
        )
        space.update(dict.fromkeys(names))  # in the interpreter's order
        space.update(__name__="__main__", __annotations__={}, __builtins__=sys.modules["builtins"], __file__=shown)
        sys.modules["__main__"] = module
        if program["run_as"] == "script":
            sys.path[0] = os.path.dirname(shown)
            sys.argv[0] = self.settings.argv0 or shown
        else:
            name = program["main"]
            if program["run_as"] == "module":
                sys.path[0] = self.root if self.settings.argv0 is None else os.getcwd()
                sys.argv[0] = shown
                space["__package__"] = name.rpartition(".")[0]
                from importlib.machinery import ModuleSpec, SourceFileLoader

                space["__spec__"] = ModuleSpec(name, SourceFileLoader(name, shown), origin=shown)
                space["__loader__"] = space["__spec__"].loader
            else:  # a folder: python puts it on the path itself
                sys.path[0] = os.path.dirname(shown)
                sys.argv[0] = self.settings.argv0 or os.path.dirname(shown)
                space["__package__"] = ""
        if space["__loader__"] is None:
            from importlib.machinery import SourceFileLoader

            space["__loader__"] = SourceFileLoader("__main__", shown)
        return module

    def _install_finder(self) -> None:
        files: dict[str, tuple[str, Callable[[], CodeType]]] = {}
        for entry in self.manifest["modules"].values():
            shown = os.path.join(self.root, entry["file"])
            if entry["import_name"] != "__main__":
                files[shown] = (entry["import_name"], functools.partial(self._loaded_code, entry, shown))
        sys.meta_path.insert(0, loader.Finder(files, self._loading))

    def _loaded_code(self, entry: dict[str, Any], shown: str) -> CodeType:
        code = self.codes[entry["import_name"]] = self._code(entry, shown)
        module = sys.modules.get(entry["import_name"])
        if module is not None:
            self.runtime.world.add(entry["import_name"], module, code)
        return code

    def _loading(self, module: ModuleType) -> None:
        self.runtime.world.modules[module.__name__] = module

    def _uncaught(self, e: BaseException) -> NoReturn:
        """End as the interpreter does on an exception that nobody caught."""
        sys.last_type, sys.last_value, sys.last_traceback = type(e), e, e.__traceback__
        sys.excepthook(type(e), e, e.__traceback__)
        if isinstance(e, KeyboardInterrupt):
            import atexit

            atexit.unregister(self._end)
            atexit.register(_die_of_interrupt)
            atexit.register(self._end)
        raise SystemExit(1) from None

    def _end(self) -> None:
        """After everything else at exit: the report, and no process is left behind."""
        if self.settings.report is not None:
            try:
                self.runtime.report.write(self.settings.report)
            except OSError as e:
                print(f"faasify: cannot write the report {self.settings.report}: {e.strerror}", file=sys.stderr)
        self.runtime.close()


def _die_of_interrupt() -> None:
    import signal

    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _shift_recursion_limit() -> None:
    """Our frames below the program's do not count: the limit is raised by their number, and told without it (S2)."""
    ours = stack.depth() - 1 + stack.exec_levels()  # `run`, which called this, and what is below it
    get, put = sys.getrecursionlimit, sys.setrecursionlimit
    put(get() + ours)

    def getrecursionlimit() -> int:
        return get() - ours

    def setrecursionlimit(limit: int, /) -> None:
        if isinstance(limit, int) and limit > 0:
            limit += ours
        put(limit)

    getrecursionlimit.faasify_ours = ours  # type: ignore[attr-defined]
    for mine, original in ((getrecursionlimit, get), (setrecursionlimit, put)):
        mine.__module__, mine.__doc__ = "sys", original.__doc__
    sys.getrecursionlimit, sys.setrecursionlimit = getrecursionlimit, setrecursionlimit


def unit(name: str) -> Any:
    """The stub decorator, for a rewritten module that is imported without a running program: the function as it is."""
    return _current.unit(name) if _current is not None else lambda fn: fn


__all__ = ["boot", "unit"]
