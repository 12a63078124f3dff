"""E1: the same exception, with all that belongs to it."""

import pytest


def test_e1_class_args_and_attributes(same):
    same(
        """
        class Base(Exception): pass
        class Mine(Base):
            def __init__(self, code, *, detail=None):
                super().__init__(f"code {code}"); self.code, self.detail = code, detail
            def __str__(self): return f"<{self.code} {self.detail}>"
        data = ["shared"]
        def fail(n):
            raise [Mine(n, detail=data), ValueError("v", n), KeyError(n), OSError(2, "gone", "f.txt"), UnicodeError("u"),
                   StopIteration(n), ImportError("i", name="mod"), SyntaxError("s", ("f", 1, 2, "t")), Base()][n]
        for n in range(9):
            try: fail(n)
            except Base as e: print("Base", type(e).__name__, e, vars(e), getattr(e, "detail", data) is data)
            except Exception as e: print(type(e).__name__, e.args, str(e), vars(e), getattr(e, "errno", None), getattr(e, "name", None))
        """,
        select="app.fail",
    )


def test_e1_cause_context_and_notes(same):
    same(
        """
        def inner(): raise KeyError("k")
        def f(kind):
            try: inner()
            except KeyError as e:
                e.add_note("seen")
                if kind == "cause": raise ValueError("v") from e
                if kind == "none": raise ValueError("v") from None
                if kind == "context": raise ValueError("v")
                if kind == "self": raise
                raise type(e)("new").with_traceback(e.__traceback__)
        def show(e):
            notes = getattr(e, "__notes__", None)
            return e and (type(e).__name__, e.args, notes, e.__suppress_context__, show(e.__cause__), show(e.__context__))
        for kind in ("cause", "none", "context", "self", "new"):
            try: f(kind)
            except Exception as e: print(kind, show(e))
        """,
        select="app.f",
    )


def test_e1_groups(same):
    same(
        """
        class Mine(ExceptionGroup):
            def derive(self, es): return Mine(self.message, es)
        def f(): raise Mine("many", [ValueError(1), TypeError(2), ExceptionGroup("sub", [ValueError(3), OSError(4)])])
        try: f()
        except* ValueError as g: print(type(g).__name__, g.exceptions)
        except* TypeError as g: print(g.exceptions)
        except* OSError as g: print(g.message, g.exceptions)
        """,
        select="app.f",
    )


def test_e1_exceptions_as_values(same):
    same(
        """
        def collect(xs):
            errors = []
            for x in xs:
                try: errors.append(10 // x)
                except Exception as e: errors.append(e)
            return errors
        out = collect([1, 0, "a"])
        print(out, [getattr(e, "__traceback__", None) is not None for e in out])
        """,
        select="app.collect",
    )


def test_e1_arguments_of_a_group_are_those_that_it_was_made_with(same):
    same(
        """
        xs = [ValueError(1)]
        def f(): return ExceptionGroup("g", xs)
        def g(e): return e.args
        e = f()
        print(e.args, e.args[1] is xs, e.exceptions, e.exceptions[0] is xs[0])
        print(g(e) is e.args)
        """,
        select="app.f,app.g",
    )


def test_e1_the_tuple_of_arguments_is_one_object(same):
    same(
        """
        def f():
            e = ValueError([1], 2)
            return e, e.args
        e, args = f()
        print(e.args is args)
        """,
        select="app.f",
    )


LOCALS = "[sorted(frame.f_locals) for frame, line in list(traceback.walk_tb(e.__traceback__))[1:]]"
LINES = "[tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno for tb in entries(e.__traceback__)]"
CAPTURED = "[f.locals for f in traceback.TracebackException.from_exception(e, capture_locals=True).stack[1:]]"


@pytest.mark.parametrize(
    ("name", "look"), [("fail", LOCALS), ("keep", LOCALS), ("steps", LOCALS), ("again", LINES), ("keep", LINES), ("fail", CAPTURED)]
)
def test_e1_a_look_into_the_frames_of_an_exception(same, name, look):
    same(
        f"""
        import traceback
        kept = []
        def fail(x):
            secret = x + 1
            raise ValueError(secret)
        def keep(x):
            try:
                fail(x)
            except ValueError as e:
                kept.append(e)
        def again(e):
            local = 3
            try:
                raise e
            except ValueError:
                return local
        def steps(n):
            secret = n * 2
            yield secret
            raise ValueError(secret)
        def shown(e):
            print({look})
        def entries(tb):
            while tb:
                yield tb
                tb = tb.tb_next
        def main():
            try:
                fail(1)
            except ValueError as e:
                shown(e)
            keep(2)
            print(again(kept[0]))
            shown(kept[0])
            try:
                for step in steps(4):
                    print(step)
            except ValueError as e:
                shown(e)
        main()
        """,
        select=f"app.{name}",
        remote=(),
    )
