"""What hardly any program notices, and what is done for those that do."""


def test_c2_a_module_as_a_value_is_shown_with_its_file(same):
    same(
        {
            "app.py": """
                import sys, time, conf
                def show(m): return repr(m), f"{m}", [m]
                print(show(conf), show(time))
                me = sys.modules["__main__"]
                print(show(me))
                """,
            "conf.py": "VALUE = 3\n",
        },
        select="app.show",
    )


def test_c1_a_format_string_from_outside_names_a_global(same):
    same(
        {
            "app.py": """
                import sys, conf
                def fill(text, **values): return text.format(**values)
                print(fill("{conf.VALUE:>4}", conf=conf))
                print(fill(sys.stdin.readline(), conf=conf))
                try: print(fill("{conf.%s}" % "other", conf=conf))
                except AttributeError as e: print(e, e.name, e.obj is conf)
                """,
            "conf.py": "VALUE, LIMIT = 3, 4\n",
        },
        select="app.fill",
        stdin="limit {conf.LIMIT}\n",
        remote=["app.fill"],
    )


def test_c1_a_class_pattern_whose_attributes_are_computed(same):
    same(
        {
            "app.py": """
                import conf
                class Anything(type):
                    def __instancecheck__(cls, obj): return True
                class Pair(metaclass=Anything): __match_args__ = tuple("FIRST SECOND".split())
                def both(m):
                    match m:
                        case Pair(a, b): return a, b
                print(both(conf))
                """,
            "conf.py": "FIRST, SECOND = 3, 4\n",
        },
        select="app.both",
        stopped={"app.both": "which no code of the call names"},
    )


def test_c5_a_hash_by_address_that_the_program_keeps(same):
    same(
        """
        class Key: pass
        class Pair:
            def __init__(self, *parts): self.parts = parts
            def __eq__(self, other): return self.parts == other.parts
            def __hash__(self): return hash(self.parts)
        key, seen, found = Key(), set(), {}
        def note(obj): seen.add(hash(obj)); return len(seen)
        def bucket(obj): return hash(obj) % 8
        def look(pair): return found.setdefault(pair, len(found))
        print(note(key), note(key), hash(key) in seen)
        for obj in ("text", 4, ("a", 2.5), Pair(1, "b")): print(bucket(obj) == hash(obj) % 8)
        for obj in ((1, key), Pair(key), print, [].append, Key): print(note(obj), hash(obj) in seen)
        print(look(Pair(key)), look(Pair(1)), look(Pair(key)), Pair(key) in found)
        """,
        select="app.note,app.bucket,app.look",
        stopped={"app.note": "builtins.hash"},
    )


def test_r1_what_waits_in_a_generator_is_done_when_the_caller_lets_go_of_it(same):
    same(
        """
        import gc
        def rows(box):
            try:
                while True: yield box
            finally: print("closed")
        def in_a_cycle():
            box = []; rest = rows(box); box.append(rest); return len(next(rest))
        def in_a_traceback():
            rest = rows([]); next(rest)
            raise ValueError("while it waits")
        def used_up(n): return [box for box, _ in zip(rows([1]), range(n))]
        gc.disable()
        print(in_a_cycle(), "before"); gc.collect(); print("behind")
        try: in_a_traceback()
        except ValueError as e: print(e)
        print("let go", used_up(2), used_up(3), used_up(1))
        """,
        select="app.in_a_cycle,app.in_a_traceback,app.used_up",
        stopped=dict.fromkeys(["app.in_a_cycle", "app.in_a_traceback"], "is suspended when the call returns"),
    )


def test_r3_the_last_key_is_deleted_and_set_again_while_the_caller_loops(same):
    same(
        """
        def again(d, key): d[key] = d.pop(key); return len(d)
        def other(d, key): del d[key]; d[key + "x"] = 1; return len(d)
        for d in ({"a": 1, "b": 2}, {1: 1, 2: 2, 3: 3}, {"z": 0}):
            seen, last = [], list(d)[-1]
            try:
                for key in d:
                    seen.append(key)
                    if len(seen) < 6: again(d, last)
            except RuntimeError as e: print(e)
            print(seen, d)
        d = {"a": 1, "b": 2}
        print(other(d, "b"), other(d, "a"), d)
        """,
        select="app.again,app.other",
        stopped={"app.again": "deleted and set again"},
    )


def test_r1_a_deque_that_is_given_another_maxlen(same):
    same(
        """
        from collections import deque
        class Log(deque): pass
        def widen(d, n): d.__init__([1, 2, 3, 4], n); return d.maxlen
        def add(d): d.append(9); return d.maxlen
        for d in (deque([1], 2), Log([1], 2), deque(), deque([1], 1000)):
            print(add(d), add(d), widen(d, 3), d, widen(d, None), d)
        """,
        select="app.widen,app.add",
        stopped={"app.widen": "another maxlen"},
    )


def test_c3_a_metaclass_that_takes_notes_of_what_is_looked_at(same):
    same(
        """
        seen = []
        class Meta(type):
            def __getattribute__(cls, name): seen.append(name); return super().__getattribute__(name)
        class Other(type):
            def __getattr__(cls, name): seen.append(name); raise AttributeError(name)
        class A(metaclass=Meta):
            def __init__(self): self.n = 0
        class B(metaclass=Other):
            def __init__(self): self.n = 0
        def step(obj): obj.n += 1; return obj
        def make(cls): return cls()
        def fail(cls): raise ValueError(cls)
        for cls in (B, A):
            obj = make(cls)
            print(step(obj) is obj, step(obj).n, seen)
            try: fail(cls)
            except ValueError as e: print(e.args[0] is cls, seen)
        """,
        select="app.step,app.make,app.fail",
        remote=["app.step", "app.make", "app.fail"],
    )


def test_s2_the_first_call_near_the_limit_has_the_originals_frames(same):
    same(
        """
        def left():
            def down(k):
                try: return down(k + 1)
                except RecursionError: return k
            return down(0)
        def at(k): return left() if k == 0 else at(k - 1)
        print(at(780), at(780), at(800), left())
        """,
        select="app.left",
        stopped={"app.left": "near the recursion limit"},
    )


def test_c4_an_object_of_whose_end_the_program_is_told(same):
    same(
        """
        import weakref
        class Row: pass
        def drop(rows): rows.pop(); return len(told)
        def look(rows): return len(rows)
        told, rows, cache = [], [Row() for _ in range(6)], weakref.WeakValueDictionary()
        for n, row in enumerate(rows[4:]): weakref.finalize(row, told.append, n)
        watched = weakref.ref(rows[3], lambda _: print("the third"))
        for n, row in enumerate(rows): cache[n] = row
        del row
        for n in range(6): print(drop(rows), look(rows), told, len(cache))
        print(look([Row(), Row()]))
        """,
        select="app.drop,app.look",
        remote=["app.look"],
    )


def test_c5_a_text_that_tells_the_address_of_an_object(same):
    same(
        """
        class Node:
            def __init__(self, n): self.n = n
        a, b = Node(1), Node(2)
        memo, names = {}, {str(a): "a", repr(b): "b"}
        def cached(node, n):
            key = f"{node} {n}"
            if key not in memo: memo[key] = node.n * n; print("computed")
            return memo[key]
        def look(node): return names.get(repr(node), "none")
        def shown(obj): return str(obj)
        def known(text, node): return text in names, node.n
        print([cached(a, 3) for _ in range(3)], len(memo))
        print(look(a), look(b), look(a), [shown(obj) == str(obj) for obj in (a, b, a, look, a.__init__, 3, "x")])
        print(known("x", a), known(str(a), a), known(str(b), b))
        """,
        select="app.cached,app.look,app.shown,app.known",
        stopped={"app.cached": "the address of an object", "app.look": "the address of an object"},
        remote=[],
    )


def test_g2_the_cpu_time_of_the_process_is_the_callers(same):
    same(
        """
        import os, time
        clocks = {"process": time.process_time, "thread": time.thread_time_ns, "get": lambda: time.clock_gettime(2)}
        clocks["os"] = lambda: sum(os.times()[:2])
        def now(name): return clocks[name]()
        def burn(n): return sum(i * i for i in range(n))
        def wall(): return time.clock_gettime(time.CLOCK_MONOTONIC)
        for name in clocks:
            before = clocks[name]()
            burn(200_000)
            there = now(name)
            print(name, before <= there <= clocks[name]())
        print(wall() <= time.monotonic())
        """,
        select="app.now,app.wall",
        stopped={"app.now": "time"},
        remote=["app.wall"],
    )


def test_r3_an_iteration_over_a_deque_or_an_ordered_dict_whose_order_was_touched(same):
    same(
        """
        from collections import OrderedDict, deque
        def turn(d): d.rotate(1)
        def nothing(d): d.append(0); d.pop()
        def put(d): d[0] = 9
        def last(o): o["b"] = o.pop("b")
        def move(o): o.move_to_end("a")
        def value(o): o["a"] = 5
        for change in (turn, nothing, put):
            d = deque([1, 2, 3])
            try:
                for x in d: change(d)
            except RuntimeError as e: print(e)
            print(d)
        for change in (last, move, value):
            o, n = OrderedDict(a=1, b=2), 0
            try:
                for k in o:
                    change(o); n += 1
                    if n > 3: break
            except RuntimeError as e: print(e)
            print(o, n)
        """,
        select="app.turn,app.nothing,app.put,app.last,app.move,app.value",
    )


def test_r3_a_set_that_remembers_where_it_popped(same):
    same(
        """
        todo, news = {5, 1}, iter([[0], [3], [2, 9], [], [7], [8], [], [], []])
        class Work:
            def __init__(self): self.left = set(range(6))
            def take(self): return self.left.pop()
        def step(new): x = todo.pop(); todo.update(new); return x
        def drained():
            left = set(range(6)); left.pop(); left.pop(); return left
        def reach(n):
            stack, seen = [n], set()
            while stack:
                n = stack.pop()
                if n not in seen: seen.add(n); stack += [n * 2 % 17, n * 3 % 19]
            return seen
        def forget(table, key): table.discard(key); return [len(table)].pop()
        out = []
        for new in news:
            if todo: out.append(step(new))
        print(out, todo)
        w = Work(); w.left.pop(); w.left.add(0); print(w.take(), w.left)
        left = drained(); left.add(0); print(left.pop(), left)
        print(reach(3), reach(5).pop(), forget({1, 2}, 5))
        """,
        select="app.step,app.Work.take,app.drained,app.reach,app.forget",
        stopped=dict.fromkeys(["app.step", "app.Work.take"], "pop") | {"app.drained": "history"},
        remote=["app.reach", "app.forget"],
    )


def test_c5_plain_values_that_the_program_compares_by_identity(same):
    same(
        """
        INF, MISSING, BIG = float("inf"), "<missing>", 10**20
        class Mode:
            FAST, SLOW, LEVEL = "fast mode", "slow mode", 3
        class Table:
            NOTHING = b"nothing"
            def __init__(self): self.rows = {1: INF}
            def look(self, key): return self.rows.get(key, self.NOTHING)
            def has(self, key): return self.look(key) is not self.NOTHING
        table = Table()
        def reached(d): return d is not INF
        def get(d, key, default=MISSING): return "none" if d.get(key, default) is MISSING else d[key]
        def none(): return MISSING
        def fast(mode): return mode is Mode.FAST, Mode.LEVEL is mode
        def plain(x, y=None): return x is None or y is True or x is Mode or Mode is y
        def big(x): return x is BIG
        print(reached(INF), reached(1.5), reached(table.rows[1]))
        print(get({}, 1), get({1: 2}, 1), get({}, 1, MISSING), none() is MISSING)
        print(fast(Mode.FAST), fast(Mode.SLOW), fast(3), big(BIG), big(BIG + 0))
        print(table.has(1), table.has(2), table.look(2) is Table.NOTHING, plain(3), plain(3), plain(3, Mode))
        """,
        select="app.reached,app.get,app.none,app.fast,app.plain,app.big,app.Table.look,app.Table.has",
        stopped={f"app.{name}": "whose identity the program compares" for name in ["reached", "get", "none", "fast", "big", "Table.look"]},
        remote=[],
    )


def test_c5_a_literal_that_is_compared_by_identity(same):
    same(
        {
            "app.py": """
                import warnings
                warnings.simplefilter("ignore")
                from part import fast, name
                print(fast("fast"), fast("fast"), fast("slow"), name(None), name(...), name("fast"), name(True), name(1))
                """,
            "part.py": """
                def fast(mode): return mode is "fast"
                def name(mode):
                    match mode:
                        case None | True: return "constant"
                    return "other" if mode is not ... else "dots"
                """,
        },
        select="part.fast,part.name",
        stopped={"part.fast": "compares a literal by identity"},
        remote=["part.name"],
    )


def test_r3_a_partial_of_a_partial_takes_that_one_apart_as_long_as_it_has_no_attributes(same):
    same(
        """
        from functools import partial
        def base(*args, **kw): return args, kw
        one = partial(base, 1)
        marked = partial(base, 2); marked.note = "x"
        def again(p): return partial(p, 5), p
        def use(p): return p(9)
        def note(p): p.seen = True; return len(vars(p))
        def fails(p): return p, open
        for p in (one, marked):
            q, same_one = again(p)
            print(use(p), q.func is base, q.args, partial(p, 7).func is base, same_one is p)
            print(again(p)[0].func is base, fails(p)[0] is p, use(q), partial(p, 8).func is base)
        print(note(one), vars(one), partial(one, 7).func is base, note(marked), vars(marked))
        """,
        select="app.again,app.use,app.note",
    )
