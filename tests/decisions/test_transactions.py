"""DECISIONS T1 to T7: who owns a call, who commits, what is shared and what is read again."""

import subprocess

from tests.harness import Run, environment, rewritten_command, write_files


def test_t1_outermost_stub_owns_the_transaction(same):
    result = same(
        """
        calls = []
        def inner(x):
            print("inner", x, len(calls))
            calls.append(x)
            return calls
        def outer(n):
            for i in range(n):
                got = inner(i)
            print("outer", got is calls, calls)
            return got
        got = outer(3)
        print(got is calls, calls)
        """,
        select="app.outer,app.inner",
    )
    assert result.calls_remote("app.outer") == 1
    assert result.calls_remote("app.inner") == 0, "a stub met on the target makes no call of its own"


def test_t1_a_stub_that_arrives_as_a_value_joins_the_transaction(same):
    same(
        """
        log = []
        def tick(x):
            log.append(x)
            return len(log)
        def each(fn, xs):
            return [fn(x) for x in xs], fn is tick
        print(each(tick, "abc"), log)
        print(list(map(tick, "de")), log)
        """,
        select="app.each,app.tick",
    )


def test_t1_an_inner_call_that_raises_commits_nothing_by_itself(same):
    same(
        """
        total = 0
        def add(x):
            global total
            total += x
            if x > 2:
                raise ValueError(x, total)
        def many(xs):
            done = []
            for x in xs:
                try:
                    add(x)
                except ValueError as e:
                    done.append(e.args)
            return done
        print(many([1, 2, 3, 4]), total)
        try:
            add(7)
        except ValueError as e:
            print(e.args, total)
        """,
        select="app.many,app.add",
    )


def test_t2_concurrent_callers_lose_no_append(same):
    same(
        """
        from concurrent.futures import ThreadPoolExecutor
        results = []
        def f(x):
            results.append(x)
            return x * x
        with ThreadPoolExecutor(4) as pool:
            squares = list(pool.map(f, range(24)))
        print(squares == [x * x for x in range(24)], sorted(results) == list(range(24)))
        """,
        select="app.f",
    )


def test_t2_concurrent_callers_lose_no_update_of_a_number(same):
    same(
        """
        from concurrent.futures import ThreadPoolExecutor
        total = 0
        per_key = {}
        def add(x):
            global total
            total += x
            per_key[x % 3] = per_key.get(x % 3, 0) + 1
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, range(20)))
        print(total, sorted(per_key.items()))
        """,
        select="app.add",
    )


def test_t2_what_a_repeated_call_prints_comes_out_once(same):
    same(
        """
        import io, sys
        from concurrent.futures import ThreadPoolExecutor
        seen = set()
        def visit(x):
            seen.add(x)
            sys.stdout.write(f"visited {x}\\n")
        real, sys.stdout = sys.stdout, io.StringIO()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(visit, range(12)))
        text, sys.stdout = sys.stdout.getvalue(), real
        print(sorted(text.splitlines()), len(seen))
        """,
        select="app.visit",
    )


def test_t2_a_call_that_is_busy_until_another_thread_says_stop(same):
    """Its first attempt waits for a change here that it cannot see; so may one that is done again, while no other may commit."""
    same(
        """
        import threading
        stop, numbers = False, {1, 2, 3}
        def changing():
            while not stop:
                numbers.clear()
                numbers.update({1, 2, 3})
            return len(numbers)
        def reading(times):
            for _ in range(times): repr(numbers.copy())
            return times
        def waiting():
            while not stop: pass
            return "stopped"
        results = {}
        def keep(fn, *args): results[fn.__name__] = fn(*args)
        others = [threading.Thread(target=keep, args=(fn,)) for fn in (changing, waiting)]
        readers = [threading.Thread(target=keep, args=(reading, 300)) for _ in range(2)]
        for t in others + readers: t.start()
        for t in readers: t.join()
        stop = True
        for t in others: t.join()
        print(sorted(results.items()))
        """,
        select="app.changing,app.reading,app.waiting",
        remote=(),
    )


def test_t2_a_change_by_another_thread_of_something_else_survives(same):
    same(
        """
        import threading
        state = {"a": 0, "b": 0}
        go, done = threading.Event(), threading.Event()
        def meanwhile():
            go.wait()
            state["b"] = 1
            done.set()
        def bump(n):
            for _ in range(n):
                state["a"] += 1
        t = threading.Thread(target=meanwhile); t.start()
        go.set()
        bump(200000)
        done.wait(); t.join()
        print(state)
        """,
        select="app.bump",
    )


def test_t3_state_of_a_library_that_one_call_left_is_what_the_next_one_sees(same):
    same(
        """
        import string
        def remember(x):
            string.seen = getattr(string, "seen", []) + [x]
            return string.seen
        print(remember(1), getattr(string, "seen", None))
        string.seen = ["caller"]
        print(remember(2), string.seen)
        del string.seen
        print(remember(3))
        """,
        select="app.remember",
        remote=(),
    )


def test_t3_nothing_of_an_aborted_call_is_left_in_a_worker(same):
    same(
        """
        import builtins
        calls = []
        cache = {}
        def f(x, reader=None):
            calls.append(x)
            cache[x] = cache.get(x, 0) + 1
            if reader:
                getattr(builtins, "op" + "en")(reader, "a").write("x")
            return len(calls), cache
        print(f(1))
        print(f(2, "out.txt"))
        print(f(1), calls)
        print(f(2, "out.txt"), open("out.txt").read())
        """,
        select="app.f",
        remote=(),
    )


def test_t3_two_runs_at_once_do_not_meet(same, tmp_path, cache):
    program = """
        import sys
        log = []
        def note(x):
            log.append(x)
            return "".join(log)
        for _ in range(20):
            last = note(sys.argv[1])
        print(last)
        """
    folders = [write_files(tmp_path / name, program) for name in "ab"]
    commands = [rewritten_command(Run(argv=(f.name,)), "app.note", tmp_path / f"{f.name}.json") for f in folders]
    runs = [
        subprocess.Popen(c, cwd=f, env=environment({}, cache), stdout=subprocess.PIPE, text=True)
        for c, f in zip(commands, folders, strict=True)
    ]
    assert [r.communicate(timeout=60)[0] for r in runs] == ["a" * 20 + "\n", "b" * 20 + "\n"]


HASHING = """
    import os, sys
    buckets = [[] for _ in range(8)]
    def find(k):
        return k in buckets[hash(k) % 8]
    def put(k):
        buckets[hash(k) % 8].append(k)
    words = "the quick brown fox jumps over a lazy dog again".split()
    for w in words[:5]:
        buckets[hash(w) % 8].append(w)
    for w in words[5:]:
        put(w)
    print([find(w) for w in words], all(w in buckets[hash(w) % 8] for w in words))
    print(os.environ.get("PYTHONHASHSEED"), sys.flags.hash_randomization)
    """


def test_t4_all_processes_share_one_hash_seed(same):
    same(HASHING, select="app.find,app.put", env={"PYTHONHASHSEED": None})


def test_t4_a_hash_seed_that_the_user_sets_is_kept(same):
    same(HASHING, select="app.find,app.put", env={"PYTHONHASHSEED": "77"})


def test_t4_a_hash_seed_said_to_be_random_is_shared_too(same):
    same(HASHING, select="app.find,app.put", env={"PYTHONHASHSEED": "random"})


def test_t4_the_order_of_a_set_is_the_same_there(same):
    same(
        """
        def order(s): return list(s), list({"x", "y", "z", "alpha", "beta", *s})
        words = set("one two three four five six seven".split())
        there, more = order(words)
        print(there == list(words), more)
        """,
        select="app.order",
    )


def test_t4_the_order_of_a_small_set_is_the_same_there(same):
    same(
        """
        def order(s): return list(s), list({"x", "y", "z", "alpha", "beta", *s})
        for words in ({"one"}, {3, 1, 2}, set(), {"p", "q"}, frozenset([10, 20])):
            there, more = order(words)
            print(there == list(words), more)
        """,
        select="app.order",
    )


def test_t4_the_order_of_a_set_with_a_history_is_the_same_there(same):
    same(
        """
        def order(s): return list(s), len(s)
        words = set(range(0, 400, 8))
        for n in range(0, 400, 16): words.discard(n)
        words |= {1, 9, 17, 800}
        print(order(words)[0] == list(words), order(words)[0][:3] == list(words)[:3])
        """,
        select="app.order",
        remote=(),
    )


def test_t5_a_clock_read_in_a_loop_is_read_when_the_loop_gets_there(same):
    same(
        """
        import time
        def stamp():
            return time.monotonic()
        ok = []
        for _ in range(6):
            before = time.monotonic()
            now = stamp()
            ok.append(before <= now <= time.monotonic())
        print(ok)
        """,
        select="app.stamp",
    )


def test_t5_a_replay_for_a_line_of_stdin_reads_the_same_entropy_again(tmp_path, cache):
    program = """
        import secrets
        def guess():
            a = secrets.randbelow(10**12)
            print(a, flush=True)
            return int(input()) == a
        print(guess())
        """
    root = write_files(tmp_path, program)
    command = rewritten_command(Run(), "app.guess", tmp_path / "report.json")
    run = subprocess.Popen(
        command, cwd=root, env=environment({}, cache), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert run.stdin and run.stdout
    shown = run.stdout.readline()
    run.stdin.write(shown)
    run.stdin.flush()
    assert run.communicate(timeout=60)[0] == "True\n"


def test_t5_entropy_is_fresh_in_every_call(same):
    same(
        """
        import secrets, uuid
        def token(): return secrets.token_hex(16), uuid.uuid4()
        print(len({token() for _ in range(8)}), len({t for _ in range(4) for t in token()}))
        """,
        select="app.token",
    )


def test_t6_a_speculation_is_consumed_once(same):
    same(
        """
        def make(n, seen):
            return [n], seen
        shared = []
        made = [make(3, shared) for _ in range(4)]
        for i, (row, seen) in enumerate(made):
            row.append(i)
            seen.append(i)
        print([row for row, _ in made], shared, all(seen is shared for _, seen in made))
        """,
        select="app.make",
    )


def test_t6_equal_snapshots_of_different_objects_are_not_taken_for_each_other(same):
    same(
        """
        def pick(box): return box["inner"]
        boxes = [{"inner": []} for _ in range(3)]
        for i, box in enumerate(boxes):
            pick(box).append(i)
        print(boxes, [pick(b) is b["inner"] for b in boxes])
        """,
        select="app.pick",
    )


def test_t7_effects_interleave_at_awaits(same):
    same(
        """
        import asyncio
        order = []
        async def f(n):
            print(n, "a"); order.append(n)
            await asyncio.sleep(0.01 * n)
            print(n, "b", list(order)); order.append(-n)
            return n
        async def main():
            print(await asyncio.gather(f(3), f(1), f(2)))
        asyncio.run(main())
        print(order)
        """,
        select="app.f",
        home={"app.f": "async"},
    )


def test_t7_an_async_function_without_effects_gathers(same):
    same(
        """
        import asyncio
        async def square(n):
            await asyncio.sleep(0.001 * (5 - n))
            return n * n
        async def main():
            print(await asyncio.gather(*map(square, range(5))))
        asyncio.run(main())
        """,
        select="app.square",
    )
