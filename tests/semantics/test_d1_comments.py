"""D1: a call is kept here by a comment on its line, or on the function that it calls."""

CALLS = """
    def f(x):
        return x + 1
    def g(x):
        return f(x) * 2  # faasify: local
    def h(x):
        return g(x) - 1
    def both(*xs): return sum(xs)
    print(f(1))
    print(f(2))  # faasify: local
    total = both(
        f(3),  # faasify: local
        f(4),
    )
    print(total, h(5), list(map(f, [6, 7])))  # faasify: local
    """


def test_d1_a_comment_on_the_line_of_a_call(same):
    result = same(CALLS, select="app.f,app.both")
    assert result.calls_remote("app.f") == 2 and result.calls_remote("app.both") == 1
    assert any(told.startswith("comment") and "app.py:11" in told for told in result.fallbacks("app.f"))


def test_d1_a_function_with_a_kept_call_stays_and_so_do_its_callers(same):
    same(CALLS, select="app.f,app.g,app.h", remote={"app.f"}, home={"app.g": "comment", "app.h": "comment"})


def test_d1_a_comment_on_a_function_and_on_a_class(same):
    same(
        """
        def f(x): return x + 1  # faasify: local
        def g(x): return f(x) + 1
        class A:  # faasify: local
            def m(self): return 1
            # faasify: remote
            def n(self): return 2
        def free(x): return A().n() + x
        print(f(1), g(1), A().m(), A().n(), free(1))
        """,
        select="all",
        home={"app.f": "comment", "app.g": "comment", "app.A.m": "comment"},
        remote={"app.A.n", "app.free"},
    )


def test_d1_the_command_line_wins_over_a_comment_on_a_function(same):
    same("def f(x): return x + 1  # faasify: local\nprint(f(1))\n", select="app.f")
