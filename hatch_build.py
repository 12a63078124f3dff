"""Compiles faasify/runtime/unit/_integers.c where there is a C compiler. Without one, or without Python's headers, faasify is installed all
the same, and does that work in Python.

In an editable installation the module lies beside its source. A wheel that has it is for this interpreter on this kind of machine; one
without is for all. `CC` and `CFLAGS` in the environment count; `CC=/bin/false` leaves the module out.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("faasify", "runtime", "unit", "_integers.c")
TIMEOUT_S = 120


class CompileWhatCanBe(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        source = Path(self.root, SOURCE)
        name = source.stem + sysconfig.get_config_var("EXT_SUFFIX")
        if version == "editable":
            compiled(source, source.with_name(name))
            return
        self._folder = tempfile.TemporaryDirectory()
        made = Path(self._folder.name, name)
        if compiled(source, made):
            build_data["force_include"][str(made)] = SOURCE.with_name(name).as_posix()
            build_data.update(pure_python=False, infer_tag=True)

    def finalize(self, version: str, build_data: dict[str, Any], artifact: str) -> None:
        if version != "editable":
            self._folder.cleanup()


def compiled(source: Path, target: Path) -> bool:
    """Whether `target` was made. One of an older source is gone in any case; processes that have loaded it keep it."""
    target.unlink(missing_ok=True)
    compiler, *shared = shlex.split(sysconfig.get_config_var("LDSHARED"))
    flags = shlex.split(f"{sysconfig.get_config_var('CCSHARED')} -O2 {os.environ.get('CFLAGS', '')}")
    chosen = shlex.split(os.environ.get("CC", "")) or [compiler]
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    command = [*chosen, *shared, *flags, f"-I{sysconfig.get_path('include')}", str(source), "-o", str(unfinished)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
        unfinished.replace(target)
    except (OSError, subprocess.SubprocessError):  # no compiler, no headers, or one that makes nothing
        unfinished.unlink(missing_ok=True)
    return target.exists()
