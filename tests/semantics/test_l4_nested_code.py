"""L4: nested functions, recursion, comprehensions, generators, async functions."""


def test_l4_closures_lambdas_and_recursion(same):
    same(
        """
        def compose(*fs):
            def run(x):
                for f in fs: x = f(x)
                return x
            return run
        def even(n): return True if n == 0 else odd(n - 1)
        def odd(n): return False if n == 0 else even(n - 1)
        def hanoi(n, a, b, c, moves):
            if n: hanoi(n - 1, a, c, b, moves); moves.append((a, c)); hanoi(n - 1, b, a, c, moves)
            return moves
        def adder(n): return lambda x: x + n
        moves = []
        print(compose(adder(1), lambda x: x * 10, str)(4), even(20), odd(7), hanoi(3, *"abc", moves) is moves, len(moves))
        """,
        select="app.compose.<locals>.run,app.even,app.hanoi,app.adder",
        remote={"app.even", "app.hanoi", "app.adder", "app.compose.<locals>.run"},
    )


def test_l4_comprehensions_match_walrus_and_unpacking(same):
    same(
        """
        from dataclasses import dataclass
        @dataclass
        class Pt: x: int; y: int
        def what(v):
            match v:
                case Pt(0, y): return "y axis", y
                case Pt(x=x): return "pt", x
                case [a, *rest] if a: return a, rest
                case {"k": k, **more}: return k, more
                case int() | float() as n: return "num", n
                case None: return "none"
                case _: return "other"
        def misc(xs):
            first, *mid, last = xs
            if (n := len(xs)) > 2: pairs = [(x, y) for x in mid for y in range(x) if y % 2]
            d = {k: v for k, v in zip("abc", xs)}; s = {x % 2 for x in xs}; t = sum(x for x in xs)
            [xs[0], xs[-1]] = last, first
            return n, pairs, d, s, t, f"{first!r:>4}|{last=}", [*xs, *mid], {**d, "z": 1}
        print([what(v) for v in (Pt(0, 2), Pt(1, 2), [1, 2, 3], [0], {"k": 1, "q": 2}, 3, 2.5, None, "s")])
        xs = [5, 3, 2, 9]; print(misc(xs), xs)
        """,
        select="app.what,app.misc",
    )


def test_l4_generators_consumed_inside(same):
    same(
        """
        def gen(n):
            for i in range(n): yield i; print("after", i)
        def pairs():
            got = yield from gen(2)
            sent = yield "ask"
            yield sent
        def use():
            g = pairs()
            out = [next(g), next(g), next(g), g.send("answer")]
            return out, sum(gen(3)), list(x * 2 for x in gen(2)), max(gen(2))
        print(use())
        for i in gen(2): print("loop", i)
        """,
        select="app.use",
    )


def test_l4_try_with_and_loops(same):
    same(
        """
        def f(xs):
            out = []
            for i, x in enumerate(xs):
                try: out.append(10 / x)
                except ZeroDivisionError: out.append("zero"); continue
                except TypeError as e: out.append(type(e).__name__); break
                else: out.append("ok")
                finally: out.append(i)
            else: out.append("never broke")
            while True:
                if len(out) > 5: break
                out.append("pad")
            return out
        print(f([1, 0, 2]), f(["x", 1]), f([]))
        """,
        select="app.f",
    )


def test_l4_global_code_calls_a_unit_in_every_place(same):
    same(
        """
        def f(x, *, key=None): print("f", x if not callable(x) else "callable"); return x
        class K(*f((object,))):
            a = f(1)
            b: f(2) = 3
        xs = [f(i) for i in range(2)]; d = {f("k"): f("v")}; s = f"{f(1):>3}"
        y = f(0) or f(5) if f(True) else f("no")
        xs[f(0)] += f(10); assert f(1), f("never")
        print(sorted([3, 1], key=lambda v: f(-v)), K.a, y, xs, d, s, *map(f, "ab"), max("cd", key=f), f(f)(f(7)))
        del xs[f(0)]
        with open(f(__file__)) as h: print(h.readable())
        for i in filter(f, [0, 1]): print(i)
        """,
        select="app.f",
    )
