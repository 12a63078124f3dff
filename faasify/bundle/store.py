"""Puts builds into the cache, finds out what they depend on, and clears the cache. `cache` is the reading side."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faasify.bundle import cache, holds, writer
from faasify.bundle.cache import Found, Inputs
from faasify.config import Settings
from faasify.errors import FaasifyError
from faasify.frontend.discovery import imported_names
from faasify.model.bundle import Bundle
from faasify.model.program import Module, Program

MOST_BUILDS = 200
DAYS_KEPT = 30
FOLDER = "folder"  # in place of a hash: its times tell whether a file came or went


@dataclass(frozen=True)
class Dependencies:
    """What a build was made from: files with their content's hash, and paths that must stay absent."""

    files: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]


@dataclass(frozen=True)
class CacheInfo:
    folder: Path
    builds: int
    bytes: int


def dependencies(program: Program, probes: Iterable[Path]) -> Dependencies:
    """The program's files, its broken ones too, and `probes`: files that matter whether they are there or not, and folders of rules."""
    files = {str(module.file): module.sha256 for module in program.modules.values()}
    absent: set[str] = set()
    for probe in (*probes, *(program.root / damage.path for damage in program.damage), *_shadows(program)):
        if str(probe) in files:
            continue
        if os.path.isdir(probe):  # of a name that no file system takes, which pathlib raises for, it says no
            files[str(probe)] = FOLDER
        elif digest := cache.hash_file(str(probe)):
            files[str(probe)] = digest
        elif not os.path.exists(probe):
            absent.add(str(_first_missing(probe, program.root)))
    return Dependencies(tuple(sorted(files.items())), tuple(sorted(absent)))


def _shadows(program: Program) -> Iterable[Path]:
    """Files that an import of the program would find first if they came into being."""
    for module in program.modules.values():
        for name in imported_names(module.tree, _package(program, module)):
            base = program.root.joinpath(*name.split("."))
            yield base / "__init__.py"
            if not os.path.isfile(base / "__init__.py"):
                yield base.with_name(base.name + ".py")


def _package(program: Program, module: Module) -> str:
    if module.name == program.main and program.run_as != "module":
        return ""
    return module.name if module.is_package else module.name.rpartition(".")[0]


def _first_missing(path: Path, root: Path) -> Path:
    """The outermost folder that is missing stands for everything below it."""
    missing = path
    for parent in path.parents:
        if parent == root or os.path.exists(parent):
            return missing
        missing = parent
    return missing


def store(bundle: Bundle, asked: Inputs, needs: Dependencies, settings: Settings) -> Found:
    """Write `bundle` into the cache, or into a temporary folder where there can be no cache."""
    divided = bundle.program.partition
    program = divided.analysis.program
    main_file = program.modules[program.main].path if program.main else ""
    made = Found("", main_file, program.run_as, settings.placement, settings.allow, divided.warnings, moves=bool(bundle.program.units))
    folder = open_cache()
    if folder is not None:
        key = hashlib.sha256(json.dumps([cache.as_json(asked), needs.files, repr(settings)]).encode()).hexdigest()[:32]
        build = folder / "builds" / key
        try:
            _fill(bundle, build)
            cache.write_index(cache.index_file(str(folder), asked), _entry(asked, needs, key, made))
            prune(folder, keep=key)
            return made._replace(build=str(build))
        except OSError:  # the disk is full, or the folder went away: the run does not need the cache
            pass
    try:
        return made._replace(build=_temporary(bundle), temporary=True)
    except OSError as error:
        raise FaasifyError(
            f"the build cannot be written: {error.strerror}", hint="make room there, or set TMPDIR to another folder"
        ) from error


def _temporary(bundle: Bundle) -> str:
    """The folder with the build; none is left where that cannot be written, or is interrupted."""
    build = Path(tempfile.mkdtemp(prefix="faasify-"))
    try:
        writer.fill(bundle, build)
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    return str(build)


def _entry(asked: Inputs, needs: Dependencies, key: str, made: Found) -> dict[str, Any]:
    written = time.time_ns()
    return {
        "version": cache.VERSION,
        "inputs": cache.as_json(asked),
        "build": key,
        "main_file": made.main_file,
        "run_as": made.run_as,
        "placement": made.placement,
        "allow": list(made.allow),
        "warnings": list(made.warnings),
        "moves": made.moves,
        "files": [_file_entry(path, digest) for path, digest in needs.files],
        "absent": list(needs.absent),
        "written": written,
    }


def _file_entry(path: str, digest: str) -> list[Any]:
    stamp = cache.stamp_of(path)  # before the content is compared: a change behind our back then shows in one of the two
    if stamp is None or digest not in (FOLDER, cache.hash_file(path)):
        return [path, -1, 0, 0, digest]  # it has changed since it was read; this size makes the next look-up fail
    return [path, *stamp, digest]


def _fill(bundle: Bundle, build: Path) -> None:
    """Write the build in a folder beside, and rename it; where two runs do so at once, the first one's stays."""
    if (build / writer.MARK).is_file():
        return
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=build.parent))
    try:
        writer.fill(bundle, fresh)
        try:
            fresh.rename(build)
        except OSError:
            if not (build / writer.MARK).is_file():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def open_cache() -> Path | None:
    """The cache folder, made if need be; None where it cannot be made or is not ours."""
    folder = Path(cache.cache_folder())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            return None
        folder.chmod(0o700)
        for name in ("builds", "index"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return folder if cache.is_ours(str(folder)) else None


def prune(folder: Path, *, keep: str) -> None:
    """Remove builds that no run has used for a month, and the oldest of too many; a young one may be running."""
    builds = [entry for entry in os.scandir(folder / "builds") if entry.name != keep]
    oldest_first = sorted(builds, key=lambda entry: entry.stat().st_mtime)
    too_many = len(builds) + 1 - MOST_BUILDS
    for number, entry in enumerate(oldest_first):
        age_days = (time.time() - entry.stat().st_mtime) / 86400
        if age_days > DAYS_KEPT or (number < too_many and age_days > 1):
            holds.remove(entry.path)


def info() -> CacheInfo:
    """Where the cache is, how many builds it holds, and how large it is."""
    folder = Path(cache.cache_folder())
    builds = [entry for entry in _entries(folder / "builds") if not entry.name.startswith(".")]
    size = sum(_size(Path(root, name)) for root, _, names in os.walk(folder) for name in names)
    return CacheInfo(folder, len(builds), size)


def clear() -> tuple[CacheInfo, int]:
    """Remove the index and all builds; returns what there was, and how many builds stay because programs that run hold them."""
    before, in_use = info(), 0
    if before.folder.is_dir() and cache.is_ours(str(before.folder)):
        shutil.rmtree(before.folder / "index", ignore_errors=True)
        in_use = sum(not holds.remove(str(entry)) for entry in _entries(before.folder / "builds"))
    return before, in_use


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0
