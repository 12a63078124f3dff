"""O4: output of a call that raises comes out before the exception."""


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
