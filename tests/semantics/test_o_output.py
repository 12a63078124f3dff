"""SEMANTICS O1, O2 and O4: what is printed and what is read."""

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


ASK = """
    import sys
    n = 0
    def ask(question):
        global n
        n += 1
        print("asking", n)
        answer = input(question)
        print("got", answer)
        return answer
    def rest():
        first = sys.stdin.readline()
        return first, [line.strip() for line in sys.stdin]
    print(ask("name? "), ask("age? "), n)
    print(input("here? "))
    print(ask(""), rest())
    try: ask("end? ")
    except EOFError as e: print("EOF", e, n)
    """


def test_o2_input_is_read_and_prompts_are_shown_once(same):
    same(ASK, select="app.ask", stdin="ann\n42\nhere\nthere\nl1\nl2\nl3\n")


def test_o2_lines_of_stdin_are_read_in_order(same):
    same(ASK, select="app.ask,app.rest", stdin="ann\n42\nhere\nthere\nl1\nl2\nl3\n", remote={"app.ask"})


def test_o2_the_last_line_without_an_end(same):
    same(ASK, select="app.ask", stdin="ann\n42\nhere\nthere\nlast")


def test_o2_an_empty_stdin(same):
    same(
        """
        def f():
            try: return input("? ")
            except EOFError: return "nothing"
        print(f(), f())
        """,
        select="app.f",
    )


def test_o2_a_loop_that_reads_many_lines(same):
    same(
        """
        def game():
            score = 0
            while (line := input("> ")) != "quit":
                score += len(line); print("score", score)
            return score
        print(game(), game())
        """,
        select="app.game",
        stdin="a\nbb\nquit\nccc\nquit\n",
    )


def test_o4_output_comes_out_before_the_exception(same):
    same(
        """
        import sys
        def f(n):
            print("one"); print("two", file=sys.stderr)
            raise ValueError(n)
        try: f(1)
        except ValueError as e: print("caught", e)
        f(2)
        """,
        select="app.f",
        merged=True,
        env={"PYTHONUNBUFFERED": "1"},
        exit=1,
    )
