"""Where builds are kept between runs, and whether one is still good. Standard library only: this runs before anything else.

    <user's cache folder>/faasify/builds/<key>/     a build, named by everything it was made from
                                  index/<hash>.json   per program and options: the files that were read, and those whose absence mattered

A build is good while every file it was made from is unchanged (by size and times, else by content) and no file has appeared that
an import would now find first. The folder is the user's own (0700); one that belongs to somebody else is not used.
"""

from __future__ import annotations

import binascii
import json
import os
import sys
import time
from typing import Any, NamedTuple

import faasify
from faasify import folders

VERSION = 2
TICK_NS = 50_000_000  # two writes of a file within one tick of the file system's clock may look the same
Stamp = tuple[int, int, int]  # size, mtime and ctime in nanoseconds


class Found(NamedTuple):
    """A build to run. A `temporary` one is in no cache, and goes when its run ends."""

    build: str
    main_file: str  # relative to `build`
    run_as: str
    placement: str = "auto"  # of [tool.faasify], for a command line without --placement
    allow: tuple[str, ...] = ()  # of [tool.faasify] or typed
    warnings: tuple[str, ...] = ()  # functions that were selected by name and stay
    temporary: bool = False
    moves: bool = True  # whether it has units


class Inputs(NamedTuple):
    """What a person typed, and what it was typed to: the identity of an index entry."""

    program: str  # absolute path; a module's name
    folder: str  # the folder a module is looked up in; where a path leads to
    module: bool
    select: str | None
    target: str
    allow: tuple[str, ...]
    python: str
    tool: str


def inputs(
    program: str, *, module: bool = False, select: str | None = None, target: str = "local", allow: tuple[str, ...] = (), cwd: str = ""
) -> Inputs:
    """The inputs of a run; relative names are looked up in `cwd`, the current folder by default."""
    path = program if module else folders.absolute(os.path.join(cwd, program))
    leads_to = os.path.abspath(cwd or folders.current()) if module else os.path.realpath(path)
    return Inputs(path, leads_to, module, select, target, tuple(sorted(allow)), sys.version, tool_stamp())


def fast_lookup(asked: Inputs) -> Found | None:
    """The build for `asked` if there is one and nothing it was made from has changed; None: it has to be made."""
    cache = cache_folder()
    if not is_ours(cache):
        return None
    name = index_file(cache, asked)
    entry = read_index(name, asked)
    if entry is None or any(os.path.lexists(path) for path in entry["absent"]):
        return None
    build = os.path.join(cache, "builds", entry["build"])
    if not os.path.isfile(os.path.join(build, ".faasify", "manifest.json")):
        return None
    fresh = check_files(entry["files"], entry["written"])
    if fresh is None:
        return None
    if fresh != entry["files"]:
        write_index(name, {**entry, "files": fresh, "written": time.time_ns()})
    _touch(build)
    known = Found(build, entry["main_file"], entry["run_as"], entry["placement"], tuple(entry["allow"]), tuple(entry["warnings"]))
    return known._replace(moves=entry["moves"])


def check_files(files: list[list[Any]], written: int) -> list[list[Any]] | None:
    """The same list with present times, or None if the content of any file is another."""
    fresh = []
    for path, size, mtime, ctime, digest in files:
        stamp = stamp_of(path)
        if stamp is None:
            return None
        certain = stamp == (size, mtime, ctime) and ctime < written - TICK_NS
        if not certain and (stamp[0] != size or hash_file(path) != digest):
            return None
        fresh.append([path, *stamp, digest])
    return fresh


def stamp_of(path: str) -> Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def hash_file(path: str) -> str | None:
    import hashlib  # takes longer than all the rest of a look-up, and is seldom needed

    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return None


def cache_folder() -> str:
    """The user's cache folder for faasify, as the XDG Base Directory Specification says (a relative path in a variable counts as none);
    importing platformdirs takes too long on Linux' fast path."""
    if sys.platform.startswith("linux"):
        bases = (os.environ.get("XDG_CACHE_HOME", ""), os.path.expanduser("~/.cache"), os.devnull)  # in the last, nothing can be made
        return os.path.join(next(filter(os.path.isabs, bases)), "faasify")
    import platformdirs

    return platformdirs.user_cache_dir("faasify")


def is_ours(folder: str) -> bool:
    """Whether `folder` is there, belongs to this user, and nobody else may write to it."""
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return status.st_uid == os.getuid() and not status.st_mode & 0o022 and os.path.isdir(folder)


def index_file(cache: str, asked: Inputs) -> str:
    # a checksum is enough: the entry repeats what it is for
    return os.path.join(cache, "index", f"{binascii.crc32(repr(asked).encode('utf-8', 'surrogatepass')):08x}.json")


def read_index(name: str, asked: Inputs) -> dict[str, Any] | None:
    try:
        with open(name, encoding="utf-8") as file:
            entry = json.load(file)
    except (OSError, ValueError):
        return None
    known = isinstance(entry, dict) and entry.get("version") == VERSION and entry.get("inputs") == as_json(asked)
    return entry if known else None


def as_json(asked: Inputs) -> dict[str, Any]:
    return {**asked._asdict(), "allow": list(asked.allow)}


def write_index(name: str, entry: dict[str, Any]) -> None:
    """Replace an index file in one step; a full or read-only disk only costs the next run its short cut."""
    fresh = f"{name}.{os.getpid()}"
    try:
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(entry, file)
        os.replace(fresh, name)
    except OSError:
        try:
            os.unlink(fresh)
        except OSError:
            pass


def tool_stamp() -> str:
    """faasify's version, and in a checkout the state of its files: who edits it never gets a stale build."""
    package = os.path.dirname(os.path.abspath(faasify.__file__))
    checkout = os.path.dirname(package)
    folders = [package]
    if os.path.isfile(os.path.join(checkout, "pyproject.toml")):
        folders += [os.path.join(checkout, "rules"), os.path.join(checkout, "stubs")]
    sums = [_sum(folder) for folder in folders]
    return f"{faasify.__version__} {package} {sums}"


def _sum(folder: str) -> int:
    """A checksum of the names, sizes and times of all files below `folder`."""
    total = 0
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                total = binascii.crc32(b"%d" % _sum(entry.path), total) if entry.name != "__pycache__" else total
            else:
                status = entry.stat()
                total = binascii.crc32(f"{entry.name} {status.st_size} {status.st_mtime_ns}".encode(), total)
    return total


def _touch(build: str) -> None:
    try:
        os.utime(build)
    except OSError:
        pass
