"""Starts a rewritten program: `python build/app.py ARGS` runs the header line of app.py, and this takes over.

The main module has to run as the interpreter runs a script: nothing below it on the stack, uncaught exceptions and Ctrl-C
ended by the interpreter itself. So it is compiled to a .pyc that stands for the original (its name, its lines), and the
interpreter is started again on that, with a fixed hash seed, which all processes of a run share (T4). Its first statement
calls `program.start`, and from there on it is the program.
"""

from __future__ import annotations

import json
import os
import sys
from types import FrameType
from typing import Any, NoReturn

from faasify.runtime.caller import loader

RUN = "FAASIFY_RUN"  # environment variable: what `faasify run` was told, as JSON
running = False


def boot(main_file: str) -> None:
    """Run the rewritten program whose main file this is, in this process's place.

    Does nothing within a program that runs, nor where another program imports the file: that one goes on, with the functions as they are.
    """
    if running or not _is_started(sys._getframe(1)):
        return
    options = json.loads(os.environ.get(RUN, "{}"))
    build = _build_folder(main_file)
    if "-m" in flags() and "__init__.py" in os.listdir(os.path.dirname(main_file)):
        _fail(f"python -m has imported the package of {main_file} before it could be started; run it so: python {main_file}")
    with open(os.path.join(build, ".faasify", "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    try:
        command, environment = restart(build, manifest, options)
    except OSError as error:
        _fail(f"neither {build} nor a temporary file can be written: {error.strerror}; make room there, or set TMPDIR to another folder")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed at the start
            stream.flush()
    os.execve(command[0], command, environment)


def _is_started(frame: FrameType) -> bool:
    """Whether the interpreter was started on the module of this frame: as a file, as a folder or with -m."""
    if frame.f_globals.get("__name__") != "__main__":
        return False
    below = frame.f_back
    while below is not None and below.f_globals.get("__name__") == "runpy":  # -m and folders; `runpy.run_path` has its caller below it
        below = below.f_back
    return below is None


def restart(build: str, manifest: dict[str, Any], options: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The command that runs the program's main module in this interpreter, with this process's arguments, and its environment."""
    given = [flag for flag in flags() if flag != "-m"]
    environment = dict(os.environ)
    if not manifest["units"] and (original := _original(build, manifest)):  # nothing of ours is to be seen where nothing moves
        environment.pop(RUN, None)
        return [sys.executable, *given, original, *sys.argv[1:]], environment
    if environment.get("PYTHONHASHSEED", "random") == "random":
        options["hash_seed_before"] = environment.get("PYTHONHASHSEED")
        options["hash_seed_added"] = True
        environment["PYTHONHASHSEED"] = str(int.from_bytes(os.urandom(4), "little"))
    main = prepare(build, manifest, options, environment)
    return [sys.executable, *given, main, *sys.argv[1:]], environment


def _original(build: str, manifest: dict[str, Any]) -> str | None:
    """The script or folder that was rewritten, if it still is what it was. A module is looked up from the current folder: None."""
    root, run_as = loader.root_of(build, manifest), manifest["program"]["run_as"]
    if root == build or run_as == "module":
        return None
    return root if run_as == "package" else os.path.join(root, manifest["modules"][manifest["program"]["main"]]["file"])


def flags() -> list[str]:
    """What the interpreter was given before the name of the program."""
    return sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv)]


def prepare(build: str, manifest: dict[str, Any], options: dict[str, Any], environment: dict[str, str]) -> str:
    """What to start the interpreter on for the main module; what that needs to know goes into `environment`."""
    root = loader.root_of(build, manifest)
    entry = manifest["modules"][manifest["program"]["main"]]
    run_as = manifest["program"]["run_as"]
    root, shown = _as_typed(options.get("argv0"), run_as, root, os.path.join(root, entry["file"]))
    main = loader.main_pyc(build, entry, shown, folder=run_as != "script")
    environment[RUN] = json.dumps({**options, "build": build, "root": root, "shown": shown, "main": main})
    return main if run_as == "script" else os.path.dirname(main)


def _as_typed(typed: str | None, run_as: str, root: str, shown: str) -> tuple[str, str]:
    """Root and main file as the interpreter names them: `./app.py` stays `/home/me/./app.py`, a link has its own name."""
    if typed is None or run_as == "module":
        return root, shown
    path = whole(typed)
    real = os.path.realpath(path)
    if run_as == "script":
        return (root, path) if real == os.path.realpath(shown) else (root, shown)
    folder = path.rstrip(os.sep)
    return (folder, os.path.join(folder, os.path.basename(shown))) if real == os.path.realpath(root) else (root, shown)


def whole(typed: str) -> str:
    """The path of what was typed, as the interpreter has it; an absolute one needs no current folder, which may have been deleted."""
    return typed if os.path.isabs(typed) else os.getcwd() if typed == "." else os.path.join(os.getcwd(), typed)


def _build_folder(main_file: str) -> str:
    folder = os.path.dirname(os.path.realpath(main_file))
    while not os.path.exists(os.path.join(folder, ".faasify", "manifest.json")):
        parent = os.path.dirname(folder)
        if parent == folder:
            _fail(f"{main_file} is not in a folder written by `faasify transform`")
        folder = parent
    return folder


def _fail(message: str) -> NoReturn:
    print(f"faasify: {message}", file=sys.stderr)
    raise SystemExit(2)


def unit(name: str) -> Any:
    """The stub decorator of a rewritten module. Imported without a running program, the function as it is."""
    if not running:
        return lambda fn: fn
    from faasify.runtime.caller import program

    return program.current().unit(name)
