"""Our own modules keep the builtins that they were written for: a program may put others in their place.

    builtins.len = counting_len        # the program's own calls are counted, and no call of ours
    builtins.__import__ = my_import    # asked for what the program imports, not for what we import late

Functions look builtins up where their module's globals point when its body starts to run (the language reference, "Builtins and restricted
execution"). The modules of our packages are therefore found by a finder of their own: `sys.path_importer_cache` has one for each folder
of a package, so nothing is put on `sys.meta_path` or `sys.path_hooks`, which a program can see and which each of its imports would ask.
Where the program's builtins are meant, our code says `builtins.name`.
"""

from __future__ import annotations

import builtins
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from types import ModuleType

OURS = dict(vars(builtins))
_open, _vars = open, vars  # this module itself is found as others are


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        _vars(module)["__builtins__"] = OURS
        super().exec_module(module)

    def get_data(self, path: str) -> bytes:
        with _open(path, "rb") as f:  # the one that it stands for (io.open_code) has the program's `__import__` give it a module
            return f.read()


def keep(package: str) -> None:
    """Modules in this folder, and in the folders in it, that are imported from now on have `OURS`."""
    for folder, inner, _ in os.walk(package):
        inner[:] = [name for name in inner if name != "__pycache__"]
        sys.path_importer_cache[folder] = FileFinder(folder, (_Loader, SOURCE_SUFFIXES), (ExtensionFileLoader, EXTENSION_SUFFIXES))
