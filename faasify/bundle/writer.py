"""Puts a bundle on the disk: complete, or not at all. A folder that holds something of somebody else's is never touched.

Everything is written into a new folder beside the wanted one, which then takes its place in one step.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

from faasify.errors import FaasifyError, UsageError
from faasify.model.bundle import Bundle

MARK = Path(".faasify", "manifest.json")


def write(bundle: Bundle, out: Path) -> Path:
    """Write the build to `out`, replacing an earlier build; returns its absolute path."""
    target = Path(os.path.abspath(out))
    check_free(target, bundle.root)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".new", dir=target.parent))
    except OSError as error:
        raise FaasifyError(f"{out} cannot be written: {error.strerror}", hint="give another folder with -o") from error
    try:
        fill(bundle, fresh, leave_out=target)
        os.chmod(fresh, 0o777 & ~_umask())
        replace(target, fresh)
    except OSError as error:
        raise FaasifyError(f"{out} cannot be written: {error.strerror}", hint="give another folder with -o") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def check_free(target: Path, root: Path) -> None:
    """`UsageError` unless `target` is absent, empty or an earlier build, and does not hold the program itself."""
    if Path(os.path.realpath(root)).is_relative_to(os.path.realpath(target)):
        raise UsageError(f"{target} holds the program itself", hint="give a folder of its own: -o build")
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise UsageError(f"{target} is no folder", hint="give another one with -o")
    if not (target / MARK).is_file() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty, and no build of faasify's", hint="give another folder with -o, or empty it")


def fill(bundle: Bundle, folder: Path, *, leave_out: Path | None = None) -> None:
    """Write all files of the bundle below `folder`, and copy the program's data files, `leave_out` and earlier builds excepted."""
    modes = {module.path: module.file for module in bundle.program.partition.analysis.program.modules.values()}
    for path, content in sorted(bundle.files.items()):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if path in modes:
            place.chmod(stat.S_IMODE(modes[path].stat().st_mode) | stat.S_IWUSR)
    builds = earlier_builds(bundle)
    for path in bundle.copies:
        original = bundle.root / path
        if (
            path not in bundle.files
            and not (leave_out and original.is_relative_to(leave_out))
            and not builds.intersection(original.parents)
        ):
            copy(original, folder / path)


def earlier_builds(bundle: Bundle) -> set[Path]:
    """Folders among the data files that are builds of faasify's: no data of the program."""
    folders = {bundle.root / parent for path in bundle.copies for parent in Path(path).parents} - {bundle.root}
    return {folder for folder in folders if (folder / MARK).is_file()}


def copy(original: Path, place: Path) -> None:
    """Copy a data file; symbolic links stay links, pipes and sockets are no data, and a file that has gone meanwhile is none either."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        kind = original.lstat().st_mode
        if stat.S_ISLNK(kind) or stat.S_ISREG(kind):
            shutil.copy2(original, place, follow_symlinks=False)
    except FileNotFoundError:
        return


def replace(target: Path, fresh: Path) -> None:
    """Put `fresh` in the place of `target`; the older build goes when the new one stands."""
    if not target.exists() or not any(target.iterdir()):
        fresh.rename(target)  # an empty folder is replaced in one step
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".old", dir=target.parent))
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
