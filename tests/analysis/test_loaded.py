"""Programs that look at all that is loaded in their process are told from those that ask for something by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from faasify.analysis import analyse
from faasify.frontend import load

FOUND = [
    "import sys\nprint(len(sys.modules))",
    "import sys\nfor name in sorted(sys.modules): print(name)",
    "import sys as s\nmodules = s.modules",
    "from sys import modules as loaded\nprint(list(loaded))",
    "import sys\nprint(sys.modules.keys())",
    "import sys\nprint('json' in sys.modules)",
    "import sys\ndef has(name): return name in sys.modules",
    "import sys\nprint(sys.modules.get('json.decoder'))",
    "import sys\nprint(sys.meta_path)",
    "from sys import *\nprint(list(modules))",
    "import sys\nprint(len(getattr(sys, 'modules')))",
    "import sys\nprint(vars(sys)['modules'], sys.stdout)",
    "import sys\nprint(sorted(sys.__dict__))",
    "import os\nprint(list(os.sys.modules))",
    "from gc import *\nprint(len(get_objects()))",
    "import gc\nprint(len(getattr(gc, 'get_objects')()))",
    "print(getattr(Exception, '__subclasses__')())",
    "from sys import path_importer_cache\nprint(list(path_importer_cache))",
    "import gc\nprint(len(gc.get_objects()))",
    "from gc import get_referrers as held\nprint(len(held(f)))",
    "print(Exception.__subclasses__())",
    "def below(cls):\n    for sub in cls.__subclasses__(): below(sub)\nbelow(BaseException)",
    "print(type.__subclasses__(type))",
    "import json\nprint(json.JSONEncoder.__subclasses__())",
    "def below(cls): return cls.__subclasses__()\nbelow(eval('int'))",
]
NOT_FOUND = [
    "import sys\nprint(sys.modules[__name__])",
    "import sys\nprint(sys.modules[f.__module__], sys.modules['__main__'])",
    "import sys\nprint(sys.modules.get('numpy'), 'pytest' in sys.modules, __name__ in sys.modules, 'sys' not in sys.modules)",
    "import sys\nprint(getattr(sys, 'modules')[__name__], vars(sys)['path'], sys.__dict__['argv'], getattr(sys, 'stdout'), vars(f))",
    "import sys\nsys.modules['other'] = sys.modules.pop('one', None)",
    "import sys\nfrom unittest.mock import patch\nwith patch.dict(sys.modules, other=None): pass",
    "import sys\nsys.meta_path.insert(0, f)\nsys.path_importer_cache.clear()",
    "class Base: pass\nclass A(Base): pass\nprint(Base.__subclasses__())",
    "class Base:\n    @classmethod\n    def all(cls): return cls.__subclasses__()\nBase.all()",
    "class Base:\n    def all(self): return type(self).__subclasses__(), self.__class__.__subclasses__()\nBase().all()",
    "class Base: pass\nclass A(Base): pass\ndef below(cls): return [cls, *map(below, cls.__subclasses__())]\nbelow(Base)",
    "modules = [1]\nprint(len(modules), len(f.modules))",
]


def reasons(folder: Path, source: str) -> set[str]:
    (folder / "app.py").write_text(f"def f(x): return x + 1\nf.modules = []\n{source}\n")
    facts = analyse(load("app.py", cwd=folder)).functions["app.f"]
    return {f"{reason.code} {reason.file}" for reason in facts.reasons if reason.code == "LOADED"}


@pytest.mark.parametrize("source", FOUND)
def test_what_would_find_ours(tmp_path: Path, source: str) -> None:
    assert reasons(tmp_path, source) == {"LOADED app.py"}


@pytest.mark.parametrize("source", NOT_FOUND)
def test_what_asks_for_one_by_its_name(tmp_path: Path, source: str) -> None:
    assert reasons(tmp_path, source) == set()


def test_in_a_folder_each_module_is_a_program_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import sys\ndef f(): return len(sys.modules)\n")
    (tmp_path / "two.py").write_text("def f(): return 1\n")
    found = analyse(load(".", cwd=tmp_path)).functions
    assert [found[name].verdict for name in ("one.f", "two.f")] == ["stays", "travels"]
