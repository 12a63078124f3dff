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
    "import sys\ndef look(name): return getattr(sys, name)\nprint(look('modules'))",
    "import sys\nfor name in 'modules', 'path': print(len(getattr(sys, name)))",
    "import sys\nm = sys\nprint(len(m.modules))",
    "import sys\ndef look(_sys=sys): return list(_sys.modules)",
    "import sys\nprint(vars(sys)[input()])",
    "import sys\nprint(vars(sys).get('modules'))",
    "import sys\nprint(sys.__getattribute__('modules'))",
    "import sys\nfrom operator import attrgetter\nprint(attrgetter('modules')(sys))",
    "import os, operator\nprint(operator.attrgetter('sys.modules')(os))",
    "import sys\ndef look(m): return m.modules\nprint(look(sys))",
    "import sys\nclass Look:\n    def __init__(self): self.m = sys",
    "import sys\nprint([m.modules for m in [sys]])",
    "import sys\nprint(f(x=sys))",
    "import importlib, sys\nm = importlib.reload(sys)\nprint(len(m.modules))",
    "import importlib, sys\ndef look(importlib): return importlib.reload(sys)",
    "import gc as g\nclass Own:\n    def get_objects(self): return g.get_objects()",
    "import os\nm = os.sys\nprint(m.modules)",
    "import importlib._bootstrap\nm = importlib._bootstrap.sys\nprint(m.modules)",
    "from os import sys as m\nprint(m.modules)",
    "from os import *\nimport sys\nlook = lambda: sys\nprint(look().modules)",
    "print(__import__('sys').modules)",
    "import importlib\nm = importlib.import_module('sys')\nprint(m.modules)",
    "import sys\nm = sys.modules['sys']\nprint(m.modules)",
    "import sys\nprint(globals()['sys'].modules)",
    "import sys\nprint(eval('len(sys.modules)'))",
    "import gc\nprint(vars(gc))",
    "import gc\nm = gc\nprint([getattr(m, name) for name in dir(gc)])",
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
    "import sys\nfor name in 'argv', 'path': print(getattr(sys, name))",
    "import sys\nprint([getattr(sys, name) for name in ('argv', 'path')], getattr(sys, 'argv' if f else 'path'))",
    "import sys\nsetattr(sys, input(), 1)\nprint(sys, sys is None, type(sys), dir(sys), f'{sys}', hasattr(sys, input()))",
    "import sys\nfrom unittest.mock import patch\nwith patch.object(sys, 'argv', []): pass",
    "import sys\nm = sys\nm.stdout.write('a')\ndef end(_sys=sys, *, _s=m): _sys.stdout.flush(); _s.exit()",
    "import gc\ngc.collect()\ngc.freeze()\nprint(gc.isenabled(), gc is None)",
    "import sys\nif sys and sys.argv: del sys",
    "class Own:\n    def __init__(self, sys): self.sys = sys\nown = Own([1])\nprint(len(own.sys), own.sys)",
    "import importlib, sys\nimportlib.reload(sys)\nm = importlib.reload(sys)\nm.stdout.flush()",
    "class Own:\n    def get_objects(self): return []\nprint(Own().get_objects(), getattr(Own(), 'get_objects'))",
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


GIVEN = [
    "from helper import modules",
    "from helper import *",
    "from helper import loaded as modules",
    "import helper\nmodules = helper.modules",
]


@pytest.mark.parametrize("source", GIVEN)
def test_a_table_that_another_module_hands_on(tmp_path: Path, source: str) -> None:
    (tmp_path / "helper.py").write_text("from sys import modules, modules as loaded\n")
    assert reasons(tmp_path, f"{source}\nprint(len(modules))") == {"LOADED app.py"}


ALIASES = [
    "from helper import s\nprint(len(s.modules))",
    "from helper import *\nprint(vars(s))",
    "from helper import m as own\nlook = own\nprint(list(look.modules))",
    "import helper\nprint(len(helper.s.modules))",
    "import helper\nh = helper\nprint(len(getattr(h, 'm').modules))",
    "import helper\nprint(f(helper.m))",
    "from middle import again\nprint(len(again.modules))",
]


@pytest.mark.parametrize("source", ALIASES)
def test_what_another_module_calls_sys(tmp_path: Path, source: str) -> None:
    (tmp_path / "helper.py").write_text("import sys as s\nm = s\n")
    (tmp_path / "middle.py").write_text("from helper import m as again\n")
    assert reasons(tmp_path, source) == {"LOADED app.py"}


def test_what_another_module_calls_sys_where_no_word_tells(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import sys as s\n")
    (tmp_path / "app.py").write_text("from helper import *\ndef f(x): return x + 1\nprint(len(vars(s)))\n")
    assert analyse(load("app.py", cwd=tmp_path)).functions["app.f"].verdict == "stays"


def test_an_alias_of_another_module_that_is_only_asked_for_what_is_alike(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import sys as s\n")
    assert reasons(tmp_path, "from helper import s\nimport helper\nprint(s.argv, helper.s.path, s.modules[__name__])") == set()


HANDED_ON = [
    "from helper import tab\nprint(len(tab))",
    "from middle import tab\nprint(len(tab))",
    "import helper\nprint(len(helper.tab))",
    "import middle\nprint(len(middle.helper.tab))",
    "from middle import *\nprint(len(tab))",
]


@pytest.mark.parametrize("source", HANDED_ON)
def test_a_table_of_another_name_where_no_word_tells(tmp_path: Path, source: str) -> None:
    (tmp_path / "helper.py").write_text("from sys import modules as tab\n")
    (tmp_path / "middle.py").write_text("import helper\nfrom helper import tab\n")
    assert reasons(tmp_path, source) == {"LOADED app.py"}


def test_what_a_library_calls_sys(tmp_path: Path) -> None:
    assert reasons(tmp_path, "import threading\nprint(len(threading._sys.modules))") == {"LOADED app.py"}


@pytest.mark.parametrize(("names", "found"), [("('json', 'numpy')", {"LOADED app.py"}), ("('numpy', 'pandas')", set())])
def test_one_that_is_asked_for_by_a_name_out_of_several(tmp_path: Path, names: str, found: set[str]) -> None:
    assert reasons(tmp_path, f"import sys\nfor name in {names}: print(sys.modules.get(name))") == found
