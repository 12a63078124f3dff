"""O1: stdout and stderr come out as if the call had run here."""

STREAMS = """
    import sys
    def unit(n):
        print("u", n); print("ue", n, file=sys.stderr)
        sys.stdout.write("w\\n"); sys.stderr.write("we\\n")
        print("no newline", end=" "); print("flushed", flush=True)
        inner(n)
        print("a", "b", sep="-", end="!\\n")
    def inner(n): print("inner", n); print("inner e", file=sys.stderr)
    def caller(n):
        print("c", n); unit(n); print("ce", n, file=sys.stderr); inner(n); print("c end")
    caller(1); caller(2)
    """


def test_o1_both_streams_in_order(same):
    same(STREAMS, select="app.unit", merged=True, env={"PYTHONUNBUFFERED": "1"})


def test_o1_each_stream_by_itself(same):
    same(STREAMS, select="app.unit")


def test_o1_nested_units_in_order(same):
    same(STREAMS, select="app.unit,app.inner,app.caller", merged=True, env={"PYTHONUNBUFFERED": "1"})


def test_o1_bytes_and_text_on_one_stream(same):
    same(
        """
        import sys, os
        def f():
            print("text"); sys.stdout.flush()
            sys.stdout.buffer.write(b"raw \\xff\\n"); sys.stdout.buffer.flush()
            print("more"); sys.stdout.writelines(["x\\n", "y\\n"])
            return sys.stdout.write("count\\n")
        print("before", flush=True)
        print(f())
        """,
        select="app.f",
    )


def test_o1_redirect_in_the_caller(same):
    same(
        """
        import contextlib, io, sys
        def f(n): print("captured", n); print("err", file=sys.stderr); return n
        buf = io.StringIO()
        with contextlib.redirect_stdout(buf):
            print("caller"); f(1)
            with contextlib.redirect_stderr(buf): f(2)
        print(repr(buf.getvalue()), f(3))
        class Upper:
            def write(self, t): real.write(t.upper()); return len(t)
            def flush(self): pass
        real, sys.stdout = sys.stdout, Upper()
        print("hello"); f(4)
        sys.stdout = real
        """,
        select="app.f",
        remote=(),
    )


def test_o1_redirect_in_the_unit(same):
    same(
        """
        import contextlib, io, sys
        def f(n):
            buf = io.StringIO()
            with contextlib.redirect_stdout(buf): print("inside", n)
            old, sys.stdout = sys.stdout, io.StringIO()
            print("also"); text = sys.stdout.getvalue(); sys.stdout = old
            print("outside"); print("to buffer", file=buf)
            return buf.getvalue(), text
        print(f(1))
        """,
        select="app.f",
    )


def test_o1_a_large_output(same):
    same(
        """
        def f(n):
            for i in range(n): print(i, "x" * 50)
        print("start"); f(3000); print("end")
        """,
        select="app.f",
    )


def test_o1_print_to_an_object_of_the_program(same):
    same(
        """
        class Log:
            def __init__(self): self.parts = []
            def write(self, t): self.parts.append(t)
        def f(log): print("a", 1, file=log); print("b", end="", file=log)
        log = Log(); f(log); print(log.parts)
        """,
        select="app.f",
    )


def test_o1_a_stream_that_takes_nothing_any_more(same):
    """What the call did before it printed is done, as in the original: state is committed first, then comes the stream's error."""
    same(
        """
        import contextlib, io
        closed = io.StringIO()
        closed.close()
        seen = []
        def f(word):
            seen.append(word)
            print(word)
        try:
            with contextlib.redirect_stdout(closed): f("lost")
        except ValueError as e: print(e, seen)
        """,
        select="app.f",
    )
