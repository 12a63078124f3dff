"""DECISIONS R1 to R5: what a call changed is changed in the caller, in place, no more than that, and in order."""

import json
import subprocess
import sys

from tests.harness import environment, write_files


def test_r1_restored_although_unreachable_at_the_return(same):
    same(
        """
        def h(xs): xs.pop().append(1)
        inner = []
        xs = ["a", inner]
        h(xs)
        print(inner, xs)
        """,
        select="app.h",
    )


def test_r1_unlinked_from_a_dict_an_attribute_and_a_global(same):
    same(
        """
        class Box: pass
        box = Box(); box.items = held = ["i"]
        kept = current = ["g"]
        def cut(d):
            global current
            d.pop("k")["n"] = 1
            box.items.append(2); del box.items
            current.append(3); current = None
            d["self"] = d
        value = {}
        d = {"k": value}
        cut(d)
        print(value, held, kept, current, vars(box), d["self"] is d)
        """,
        select="app.cut",
    )


def test_r1_a_local_that_held_the_argument_changed_it(same):
    same(
        """
        def swap(a, b):
            a, b = b, a
            a.append("was b"); b.append("was a")
            a = [a]; a.append("lost")
        x, y = ["x"], ["y"]
        swap(x, y)
        print(x, y)
        """,
        select="app.swap",
    )


def test_r2_a_new_object_with_equal_bytes_is_a_change(same):
    same(
        """
        def renew(xs): xs[0] = list(xs[0])
        inner = [1]
        xs = [inner]
        renew(xs)
        print(xs[0] is inner, xs[0] == inner)
        xs[0].append(2)
        print(inner, xs)
        """,
        select="app.renew",
    )


def test_r2_a_change_of_type_alone_is_a_change(same):
    same(
        """
        import collections, enum
        class S(str): pass
        class I(enum.IntEnum): ONE = 1
        def retype(xs, d):
            xs[0] = True; xs[1] = 1.0; xs[2] = -0.0; xs[3] = S("s"); xs[4] = I.ONE; xs[5] = (1,); xs[6] = b"b"
            d["k"] = collections.OrderedDict(d["k"])
        xs, d = [1, 1, 0.0, "s", 1, [1], bytearray(b"b")], {"k": {"a": 1}}
        retype(xs, d)
        print(xs, [type(x).__name__ for x in xs], d)
        """,
        select="app.retype",
    )


def test_r2_the_order_of_a_dict_and_the_type_of_a_key(same):
    same(
        """
        def touch(d, keys, s):
            d["a"] = d.pop("a")
            del keys[1]; keys[1.0] = "x"
            s.discard(1); s.add(True)
        d, keys, s = {"a": 1, "b": 2}, {1: "x"}, {1}
        touch(d, keys, s)
        print(d, keys, s)
        """,
        select="app.touch",
    )


def test_r2_the_class_of_an_instance(same):
    same(
        """
        class Off:
            def flip(self): self.__class__ = On
        class On:
            def flip(self): self.__class__ = Off
        def toggle(s): s.flip()
        s = Off(); alias = s
        toggle(s); print(type(s) is On, alias is s)
        toggle(s); print(type(s) is Off)
        """,
        select="app.toggle",
    )


def test_r2_equal_neighbours_that_were_swapped(same):
    same(
        """
        def swap(xs, o):
            xs[0], xs[1] = xs[1], xs[0]
            o.a, o.b = o.b, o.a
        class O: pass
        a, b = [], []
        xs = [a, b]; o = O(); o.a, o.b = a, b
        swap(xs, o)
        print(xs[0] is b, xs[1] is a, o.a is b, o.b is a)
        """,
        select="app.swap",
    )


def test_r3_an_iteration_over_a_deque_survives(same):
    same(
        """
        import collections
        def bump(d): d[0] = d[0] + 1
        d = collections.deque([1, 2, 3], maxlen=5)
        for x in d:
            bump(d)
            print(x, end=" ")
        print(d)
        """,
        select="app.bump",
    )


def test_r3_an_iteration_over_a_dict_survives_a_new_value(same):
    same(
        """
        import collections
        def double(d, k): d[k] = d[k] * 2; return len(d)
        for d in ({"a": 1, "b": [2]}, collections.OrderedDict(x=1, y=2), collections.Counter("aab"), collections.defaultdict(list, q=[1])):
            for k in d:
                double(d, k)
            print(d)
        for k, v in (items := {"p": 1, "q": 2}).items():
            double(items, k)
            print(k, v)
        """,
        select="app.double",
    )


def test_r3_an_iteration_is_broken_where_python_breaks_it(same):
    same(
        """
        import collections
        def grow(c):
            if isinstance(c, dict): c["new"] = 1
            elif isinstance(c, set): c.add("new")
            else: c.append("new")
        for c in ({"a": 1, "b": 2}, {"a"}, collections.deque("ab")):
            try:
                for x in c: grow(c)
            except RuntimeError as e:
                print(e, len(c))
        def churn(d): d.pop("a"); d["z"] = 1
        d = dict.fromkeys("abc")
        try:
            for k in d: churn(d); print(k)
        except (RuntimeError, KeyError) as e:
            print(type(e), e, d)
        """,
        select="app.grow,app.churn",
    )


def test_r3_a_list_that_is_walked_while_it_changes(same):
    same(
        """
        def feed(xs, x):
            if x < 3: xs.append(x + 10)
            if x == 1: xs.remove(2)
        xs = [1, 2, 3, 0]
        for x in xs:
            feed(xs, x)
            print(x, xs)
        """,
        select="app.feed",
    )


def test_r3_a_buffer_that_is_exported_can_be_written(same):
    same(
        """
        def poke(b): b[0] = 90; b[1:3] = b"YX"
        b = bytearray(b"abcd")
        with memoryview(b) as m:
            poke(b)
            print(bytes(m))
        print(b)
        """,
        select="app.poke",
    )


def test_r3_writing_back_runs_nothing_of_the_program(same):
    same(
        """
        class Watch:
            def __init__(self): self.n = 0
            def __setattr__(self, k, v): print("set", k, v); object.__setattr__(self, k, v)
            def __delattr__(self, k): print("del", k); object.__delattr__(self, k)
        class L(list):
            def append(self, x): print("append", x); super().append(x)
            def __setitem__(self, i, x): print("item", i, x); super().__setitem__(i, x)
            def extend(self, x): print("extend"); super().extend(x)
            def clear(self): print("clear"); super().clear()
        class D(dict):
            def __setitem__(self, k, v): print("key", k, v); super().__setitem__(k, v)
            def update(self, *a): print("update"); super().update(*a)
            def __missing__(self, k): print("missing", k); return 0
        def work(w, l, d):
            w.n = 1; w.extra = [w.n]; del w.n
            l.append(1); l[0] = 2
            d["a"] = d["b"] + 1
        w, l, d = Watch(), L(), D()
        work(w, l, d)
        print(vars(w), l, dict(d), type(l) is L, type(d) is D)
        """,
        select="app.work",
    )


def test_r4_a_call_that_raised_carries_its_changes(same):
    same(
        """
        n = 0
        class Acc: total = 0
        acc = Acc()
        def f(xs, d, *, fail):
            global n
            n += 1
            xs.append(n); d["n"] = xs; acc.total += n; f.calls = n
            print("did", n)
            try:
                if fail: raise ValueError("no", xs)
            finally:
                d["finally"] = True
        xs, d = [], {}
        for fail in (True, False, True):
            try:
                f(xs, d, fail=fail)
            except ValueError as e:
                print(e.args[1] is xs)
            print(n, xs, d["n"] is xs, d["finally"], acc.total, f.calls)
        """,
        select="app.f",
    )


def test_r4_uncaught_after_output_and_changes(same):
    same(
        """
        import atexit
        xs = []
        atexit.register(lambda: print("at exit", xs))
        def f():
            xs.append(1); print("out")
            raise KeyError("gone")
        f()
        """,
        select="app.f",
        exit=1,
    )


ORDERED = """
    import sys
    def f(n):
        for i in range(n):
            print("out", i)
            print("err", i, file=sys.stderr)
        sys.stdout.write("partial "); sys.stderr.write("error partial ")
        return n
    print("before"); print("before err", file=sys.stderr)
    f(2); print("between"); f(1)
    print("after err", file=sys.stderr); print("after")
    """


def test_r5_output_is_one_ordered_list(same):
    same(ORDERED, select="app.f", merged=True, env={"PYTHONUNBUFFERED": "1"})


def test_r5_buffering_of_the_two_streams_is_the_originals(same):
    same(ORDERED, select="app.f", merged=True)


def test_r5_stdout_and_stderr_stay_beside_it_for_people(tmp_path, cache):
    write_files(tmp_path, "import sys\ndef f(x):\n    print('o', x)\n    print('e', file=sys.stderr)\n    return [x]\n")
    command = [sys.executable, "-P", "-m", "faasify", "invoke", "app.py", "f", '{"x": 12}']
    shown = subprocess.run(command, cwd=tmp_path, env=environment({}, cache), capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    result = json.loads(shown.stdout)
    assert (result["ret"], result["stdout"], result["stderr"]) == ([12], "o 12\n", "e\n")


def test_r3_a_key_that_is_moved_to_the_end_of_a_dict_over_which_the_caller_loops(same):
    same(
        """
        d = {"a": 1, "b": 2, "c": 3}
        def move(k): d[k] = d.pop(k)
        seen = []
        try:
            for k in d:
                seen.append(k)
                if len(seen) < 6: move("a" if len(seen) % 2 else "b")
        except RuntimeError as e: print(e)
        print(seen, d)
        """,
        select="app.move",
    )
