"""V5: a value that cannot travel makes the call run here."""

import pytest


def test_v5_a_value_that_cannot_travel_makes_the_call_run_here(same):
    same(
        """
        import threading
        class Cfg: pass
        cfg = Cfg(); cfg.parts = {"log": [1, threading.Lock()]}
        def use(x, cfg):
            with cfg.parts["log"][1]: return x + 1
        for i in range(4): print(use(i, cfg))
        """,
        select="app.use",
        home={"app.use": "cfg.parts['log'][1]"},
    )


def test_v5_the_way_to_what_cannot_travel_in_a_global(same):
    result = same(
        {
            "app.py": """
                import conf
                def use(x): return x + len(conf.kept["log"])
                for i in range(4): print(use(i))
                """,
            "conf.py": """
                import threading
                class Log: pass
                log = Log(); log.parts = [1, threading.Lock()]
                kept = {"log": [log]}
                """,
        },
        select="app.use",
        home={"app.use": "the global conf.kept, which cannot travel: a _thread.lock"},
    )
    (found,) = result.report["units"]["app.use"]["fallbacks"]
    assert found["path"] == "globals.conf.kept['log'][0].parts[1]"


def test_v5_one_attempt_for_each_call_site(same):
    result = same(
        """
        import threading
        lock, plain = threading.Lock(), [1]
        def size(x): return len(repr(type(x)))
        for _ in range(50): size(lock)
        for _ in range(3): print(size(plain))
        """,
        select="app.size",
    )
    assert result.calls_remote("app.size") == 3, "other calls of the function go on"
    unit = result.report["units"]["app.size"]
    assert sum(found["count"] for found in unit["fallbacks"]) < 5, unit
    assert unit["calls_here"] == 50


def test_v5_a_class_with_a_dict_of_its_own(same):
    same(
        """
        import threading
        class Tree:
            def __init__(self, label): self.label, self.lock = label, threading.Lock()
            def __dict__(self): return {"label": self.label}
            def rename(self): self.label += "!"; return self.__dict__()
        class Shown(Tree):
            __dict__ = property(lambda self: {"shown": self.label})
        def of(tree, *more): return tree.label, [t.label for t in more]
        def make(label): return Tree(label)
        tree, shown = Tree("a"), Shown("b")
        print(tree.rename(), of(tree), of(shown, tree), make("c").label)
        shown.label = "d"
        print(vars(shown), of(shown), shown.label)
        """,
        select="app.of,app.make,app.Tree.rename",
        home={"app.of": "dict", "app.make": "Tree", "app.Tree.rename": "dict"},
    )


UNFIT = {
    "open_file": "open(__file__)",
    "lock": "__import__('threading').Lock()",
    "generator": "(i for i in range(3))",
    "socket": "__import__('socket').socket()",
    "frame": "__import__('sys')._getframe()",
    "coroutine": "coro",
}


@pytest.mark.parametrize("name", UNFIT)
def test_v5_kinds_of_values_that_cannot_travel(same, name):
    same(
        f"""
        async def co(): return 1
        coro = co()
        def kind(args): return type(args["v"]).__name__
        print(kind({{"v": {UNFIT[name]}}}))
        coro.close()
        """,
        select="app.kind",
        home={"app.kind": "args"},
    )


def test_v5_a_result_that_cannot_travel_comes_from_here(same):
    same(
        """
        made = []
        def make(n):
            made.append(n)
            print("making", n)
            return (i * n for i in range(3))
        def lock():
            import threading
            return threading.Lock()
        print(list(make(2)), made)
        with lock() as l: print(l)
        """,
        select="app.make",
        home={"app.make": "generator"},
    )


def test_v5_a_global_that_cannot_travel_and_is_named_like_a_builtin(same):
    same(
        """
        sum = (i for i in range(3))
        def f():
            return next(sum)
        print(f(), f())
        """,
        select="app.f",
        remote=(),
    )
