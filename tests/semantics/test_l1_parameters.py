"""L1: parameters of every kind, and the TypeErrors of wrong calls."""


def test_l1_parameter_kinds(same):
    same(
        """
        def f(a, /, b, c=3, *args, d, e=[5], **kw) -> tuple: return a, b, c, args, d, e, kw
        print(f(1, 2, d=4), f(1, b=2, d=4, a=9), f(1, 2, 3, 4, 5, d=6, e=7, z=8), f(*"ab", **{"d": 1, "x": 2}))
        def g(*, only=None): return only
        def h(): return None
        def k(self, cls, _state, event, frame): return self, cls, _state, event, frame
        print(g(), g(only=1), h(), k(1, 2, 3, event=4, frame=5))
        """,
        select="app.f,app.g,app.h,app.k",
    )


def test_l1_wrong_calls_raise_what_python_raises(same):
    same(
        """
        def f(a, /, b, *, c, d=1): return a
        class C:
            def m(self, x): return x
            @classmethod
            def k(cls, *, y): return y
            @staticmethod
            def s(z): return z
        calls = ["f()", "f(1)", "f(1, 2)", "f(1, 2, 3, c=4)", "f(1, 2, c=3, e=4)", "f(a=1, b=2, c=3)", "f(1, 2, b=3, c=4)", "C().m()",
                 "C().m(1, 2)", "C().m(y=1)", "C.m(1)", "C.k(1)", "C.k()", "C.s()", "C().s(1, 2)", "f(1, 2, c=3)",
                 "f(1, **{'b': 1}, **{'b': 2})"]
        for call in calls:
            try: print(call, eval(call))
            except TypeError as e: print(call, "->", e)
        """,
        select="app.f,app.C.m,app.C.k,app.C.s",
        remote={"app.f"},
    )


def test_l1_default_values_are_evaluated_once_here(same):
    same(
        """
        def noisy(x): print("default", x); return [x]
        def f(a=noisy(1), *, b=noisy(2)): a.append(len(b)); return a
        print(f(), f(), f([0]), f.__defaults__[0] is f(), f.__kwdefaults__)
        """,
        select="app.f",
    )
