"""E3: SystemExit, KeyboardInterrupt and RecursionError keep their meaning."""

import pytest

ENDS = {
    "code": ("import sys\n", "sys.exit(3)", 3),
    "text": ("import sys\n", "sys.exit('a message')", 1),
    "none": ("", "raise SystemExit", 0),
    "bool": ("", "raise SystemExit(True)", 1),
    "quit": ("", "quit()", 0),
    "interrupt": ("", "raise KeyboardInterrupt", -2),
}


@pytest.mark.parametrize("name", ENDS)
def test_e3_ways_to_end(same, name):
    imports, statement, code = ENDS[name]
    body = f"    xs.append(1)\n    print('ending')\n    {statement}\n"
    program = f"{imports}xs = []\ndef f():\n{body}try:\n    f()\nfinally:\n    print('finally', xs)\n"
    same(program, select="app.f", exit=code, remote=() if name == "quit" else None)


def test_e3_an_end_that_is_caught(same):
    same(
        """
        import sys
        def f(x): sys.exit(x)
        for x in (0, "t", None, (1, 2)):
            try: f(x)
            except SystemExit as e: print(e.code, e.args)
        def g(): raise KeyboardInterrupt("stop")
        try: g()
        except KeyboardInterrupt as e: print(e.args)
        """,
        select="app.f,app.g",
    )


def test_e3_recursion_depth_left_is_the_callers(same):
    same(
        """
        def depth(n=0):
            try: return depth(n + 1)
            except RecursionError: return n
        def at(k): return depth() if k == 0 else at(k - 1)
        print([at(k) for k in (0, 1, 10, 300)], depth())
        """,
        select="app.depth",
    )
