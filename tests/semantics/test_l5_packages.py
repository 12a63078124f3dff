"""L5: packages, several modules, `python -m`, `__main__`."""

import signal

import pytest

PACKAGE = {
    "shop/__init__.py": "from .store import Store\nVERSION = '1'\nprint('import', __name__)\n",
    "shop/__main__.py": """
        import sys
        from . import VERSION, Store
        from .util.text import shout
        from .util import text as t
        def main(argv):
            s = Store(); s.add("pen", 2)
            print(__name__, __package__, VERSION, shout(s.describe()), argv, t.count, type(s), main.__module__)
            return 4
        if __name__ == "__main__":
            sys.exit(main(sys.argv[1:]))
        """,
    "shop/store.py": """
        from __future__ import annotations
        from .util import text
        from .util.text import shout
        from .errors import Missing
        class Store:
            def __init__(self): self.items = {}
            def add(self, name, n): self.items[name] = self.items.get(name, 0) + n; return self
            def describe(self):
                text.count += 1
                return f"{self.items} {shout('x')}"
            def take(self, name):
                if name not in self.items: raise Missing(name)
                return self.items.pop(name)
        """,
    "shop/errors.py": "class Missing(KeyError):\n    pass\n",
    "shop/util/__init__.py": "",
    "shop/util/text.py": """
        count = 0
        def shout(t):
            global count
            count += 1
            return t.upper() + "!"
        """,
    "app.py": """
        import shop, shop.util.text as text
        from shop.errors import Missing
        from shop.store import Store as S
        s = shop.Store()
        print(s.add("a", 1) is s, s.describe(), text.count, text.shout("q"), S is shop.Store)
        try: s.take("b")
        except Missing as e: print(repr(e), type(e).__module__)
        """,
}


def test_l5_a_package_imported_by_a_script(same):
    same(PACKAGE, select="shop.store.Store.add,shop.store.Store.describe,shop.store.Store.take,shop.util.text.shout")


def test_l5_python_m_package(same):
    same(PACKAGE, select="shop.store.Store.describe,shop.util.text.shout", target=("-m", "shop"), argv=("a", "-b"), exit=4)


def test_l5_the_main_function_of_a_package(same):
    same(PACKAGE, select="shop.__main__.main", target=("-m", "shop"), exit=4, remote={"shop.__main__.main"})


def test_l5_a_package_folder(same):
    files = {k: v.replace("from .", "from shop.").replace("from shop. import", "from shop import") for k, v in PACKAGE.items()}
    files["shop/__main__.py"] = "import greet\ndef main():\n    return greet.hello('folder'), __name__, __package__\nprint(main())\n"
    files["shop/greet.py"] = "def hello(x):\n    return 'hello ' + x, __name__\n"
    same(files, select="shop.__main__.main,greet.hello", target=("shop",), remote=())


TOOL = {
    "deep/__init__.py": """
        import sys
        print("deep", sys.argv, sorted(vars(sys.modules["__main__"])))
        """,
    "deep/er/__init__.py": """
        def square(x):
            return x * x
        print("er", square(3))
        """,
    "deep/er/tool.py": """
        import sys, traceback
        def twice(x):
            return 2 * x
        def depth():
            frame, count = sys._getframe(), 0
            while frame is not None:
                frame, count = frame.f_back, count + 1
            return count
        print(twice(4), sys.argv, __name__, __package__, __spec__.name, depth(), list(globals()))
        traceback.print_stack(file=sys.stdout)
        twice(None)
        """,
}
TOOL["folder/__main__.py"] = TOOL["deep/er/tool.py"]
TOOL["tool.py"] = TOOL["deep/er/tool.py"]


@pytest.mark.parametrize("target", [("-m", "deep.er.tool"), ("-m", "tool"), ("folder",), ("tool.py",)], ids=" ".join)
def test_l5_what_is_below_the_main_module(same, target):
    """Its packages are imported before it though it does not name them, and two frames of runpy are below it."""
    same(TOOL, select="all", target=target, argv=("a",), exit=1)


@pytest.mark.parametrize(
    "init",
    ["from . import helper", "1 / 0", "import no_such_module", "raise SystemExit(3)", "from .helper import add\nprint(add(1))"]
    + ["__path__.clear()", "raise KeyboardInterrupt"],
)
def test_l5_packages_that_are_imported_before_the_main_module(same, init):
    """With the warning that the module itself has been imported by its package, and errors that end the program before it begins."""
    files = {
        "pkg/__init__.py": "print('pkg')\n" + init,
        "pkg/helper.py": "def add(x):\n    return x + 1\nprint(__name__, add(4))\n",
        "pkg/__main__.py": "print('main')\n",
    }
    exit_code = {"1": 1, "i": 1, "_": 1, "raise S": 3, "raise K": -signal.SIGINT}.get(init[0] if init[0] != "r" else init[:7], 0)
    same(files, select="all", target=("-m", "pkg.helper"), exit=exit_code, remote=())
    same(files, select="all", target=("-m", "pkg"), exit=exit_code, remote=())


@pytest.mark.parametrize(
    "begins",
    [
        "import os, sys\nif not __package__: sys.path.insert(0, os.path.join(os.path.dirname(__file__), os.pardir))\nimport tool.part\n",
        "try: from . import part\nexcept ImportError as e: print(e)\n",
        "import sys\nif len(sys.argv) > 5: import tool.part\n",
    ],
)
def test_l5_a_folder_that_is_a_package_is_run_as_python_runs_it(same, begins):
    """Though there are imports in it that look as if it were meant for -m."""
    files = {
        "tool/__init__.py": "print('package')\n",
        "tool/part.py": "print('part')\n",
        "tool/__main__.py": begins + "import sys\ndef f(x): return x + 1\nprint(f(1), __package__, sys.argv, sys.path[-1])\n",
    }
    same(files, select="all", target=("tool",), argv=("a",), exit=0)


def test_l5_python_m_module(same):
    same(PACKAGE, select="shop.util.text.shout", target=("-m", "app"))


def test_l5_cyclic_imports(same):
    same(
        {
            "app.py": "import a\nimport b\nprint(a.fa(3), b.fb(3), a.log, b.a is a)\n",
            "a.py": "import b\nlog = []\ndef fa(n):\n    log.append(n)\n    return b.fb(n - 1) if n else 'a'\n",
            "b.py": "import a\ndef fb(n):\n    a.log.append(-n)\n    return a.fa(n - 1) if n else 'b'\n",
        },
        select="a.fa,b.fb",
    )


def test_l5_main_guard_and_names(same):
    same(
        """
        class C: pass
        def f():
            def inner(): pass
            return __name__, f.__module__, f.__qualname__, inner.__qualname__, C.__module__, repr(C), repr(C())[:17], __file__[-6:]
        if __name__ == "__main__":
            print(f(), repr(f)[:11])
        """,
        select="app.f",
    )


def test_l5_conditional_and_late_imports(same):
    same(
        {
            "app.py": """
                try:
                    import not_there_at_all as fast
                except ImportError:
                    import helper as fast
                if len("x") > 3: import json
                def f(x):
                    import math, helper
                    from helper import add as plus
                    return fast.add(x, 1), plus(x, 2), math.floor(2.5), helper is fast, "json" in globals()
                print(f(1), fast.calls)
                """,
            "helper.py": "print('helper loaded')\ncalls = 0\ndef add(a, b):\n    global calls\n    calls += 1\n    return a + b\n",
        },
        select="app.f,helper.add",
        home={"app.f": "import"},
    )


def test_l5_a_module_imported_first_by_a_unit(same):
    same(
        {
            "app.py": """
                import sys
                def f():
                    import late
                    return late.value, late.__name__
                print("late" in sys.modules, f(), f(), "late" in sys.modules)
                """,
            "late.py": "print('late is loaded')\nvalue = 5\n",
        },
        select="app.f",
        remote=(),
    )


@pytest.mark.parametrize("select", ["app.main", "app.step", "all"])
def test_l5_a_whole_program_at_each_level(same, select):
    same(
        """
        import sys
        total = 0
        history = []
        def step(i):
            global total
            total += i; history.append(total)
            if i == 3: print("three", file=sys.stderr)
            return total
        def main():
            for i in range(5): print(step(i), end=" ")
            print(); return 0
        if __name__ == "__main__":
            code = main()
            print(total, history)
            sys.exit(code)
        """,
        select=select,
    )


def test_l5_a_module_that_the_program_made_by_hand(same):
    same(
        """
        import sys, types
        made = types.ModuleType("made")
        exec("x = 1\\ndef double(): return x * 2", vars(made))
        def use():
            try: import made
            except ImportError: return "none"
            return made.x, made.double()
        def other(n): return n + 1
        print(other(1))
        sys.modules["made"] = made
        print(use(), other(2))
        """,
        select="app.use,app.other",
        home={"app.use": "by hand"},
    )


def test_l5_a_module_that_is_made_by_hand_between_calls(same):
    same(
        """
        import sys, types
        made = types.ModuleType("made"); made.x = 5
        def use():
            try: import made
            except ImportError: return "none"
            return made.x
        for i in range(6):
            print(use())
            if i == 2: sys.modules["made"] = made
            if i == 4: del sys.modules["made"]
        """,
        select="app.use",
    )
