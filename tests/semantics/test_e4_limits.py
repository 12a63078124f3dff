"""E4: a call over a limit of its unit is ended, told apart from every other failure, and runs here."""

import pytest

from tests.harness import Run, execute, rewritten_command, write_files

BOTH = """
    import time
    calls = []
    def slow(x):{slow}
        calls.append(x)
        print("slow", x)
        if x == 1: time.sleep(1.5)
        return len(calls)
    def big(x):{big}
        calls.append(x)
        print("big", x)
        kept = [bytearray(b"x") * (1 << 20) for _ in range(150 if x == 1 else 1)]
        time.sleep(.2)
        return len(kept) + len(calls)
    for x in range(3): print(slow(x), big(x), calls)
    """
LESS = "memory = 1\ntimeout = 0.001\n"  # what must not win
PLACES = {  # comments of slow and of big, pyproject.toml, options
    "comments": ("  # faasify: timeout=0.5 memory=1000", "  # faasify: memory=100 timeout=60", f"[tool.faasify]\n{LESS}", []),
    "command line": (*("  # faasify: timeout=0.001 memory=1",) * 2, "", ["--limit", "timeout=0.5", "--limit", "memory=100"]),
    "settings": ("", "", "[tool.faasify]\ntimeout = 0.5\nmemory = 100\n", []),
    "settings of units": (
        *("", ""),
        f"[tool.faasify]\n{LESS}[tool.faasify.units.'app.*']\nmemory = 100\n[tool.faasify.units.'app.slow']\ntimeout = 0.5\nmemory = 1000\n"
        "[tool.faasify.units.'app.big']\ntimeout = 60\n",
        [],
    ),
}


@pytest.mark.parametrize("where", PLACES)
def test_e4_a_call_over_its_limit_runs_here_and_the_others_there(same, where):
    slow, big, settings, options = PLACES[where]
    files = {"app.py": BOTH.format(slow=slow, big=big), "pyproject.toml": settings}
    units = same(files, select="app.slow,app.big", options=options).report["units"]
    assert [(u["calls_remote"], u["calls_here"]) for u in units.values()] == [(2, 1), (2, 1)]
    reasons = {name: [f["reason"] for f in unit["fallbacks"]] for name, unit in units.items()}
    assert reasons == {"app.big": ["limit: over its memory limit of 100 MB"], "app.slow": ["limit: over its time limit of 0.5 s"]}


def test_e4_a_limit_can_be_for_some_units(same):
    program = """
        import time
        def f(): time.sleep(.6); return "f"
        def g(): time.sleep(.6); return "g"
        print(f(), g())
        """
    limits = ["--limit", "app.f:timeout=0.3", "--limit", "app.g:timeout=30"]
    result = same(program, select="app.f,app.g", remote={"app.g"}, home={"app.f": "time limit of 0.3 s"}, options=limits)
    assert result.fallbacks("app.g") == []


def test_e4_a_unit_that_is_over_its_limit_again_and_again_stays(same):
    program = """
        import time
        def f(x): time.sleep(.2); return x
        print([f(x) for x in range(6)])
        """
    result = same(program, select="app.f", home={"app.f": "time limit"}, options=["--limit", "timeout=0.05"])
    assert [f["count"] for f in result.report["units"]["app.f"]["fallbacks"]] == [3]


FAILURES = {
    "time": ("time.sleep(5)", "app.f was ended: over its time limit of 0.5 s; to give it more: # faasify: memory=MB timeout=SECONDS"),
    "memory": (
        "x = [bytearray(b'x') * (1 << 20) for _ in range(1000)]; time.sleep(5)",
        "app.f was ended: over its memory limit of 100 MB; ",
    ),
    "crash": ("deep()", "app.f cannot run on the target: its worker is gone: it crashed (SIGSEGV)"),
}


FORMS = {
    "function": ("def f(): {}", "f()"),
    "generator": ("def f(): yield 1; {}", "list(f())"),
    "coroutine": ("async def f(): {}", "asyncio.run(f())"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FAILURES)
def test_e4_with_strict_each_failure_is_one_clear_error_that_the_program_does_not_take_for_its_own(same, name, form):
    body, said = FAILURES[name]
    definition, call = FORMS[form]
    program = f"""
        import asyncio, time
        def deep():
            numbers = iter([1])
            for _ in range(1_000_000): numbers = map(abs, numbers)
            return next(numbers)
        {definition.format(body)}
        try: {call}
        except Exception as e: print("mine:", e)
        """

    root = write_files(same.roots[1], program)
    limits = {"time": ["--limit", "timeout=0.5"], "memory": ["--limit", "memory=100,timeout=60"]}
    options = ["--strict", *limits.get(name, [])]
    done = execute(rewritten_command(Run(), "app.f", same.report_file, options), root, Run(), same.cache)
    assert (done.exit, done.stdout) == (1, "")
    assert "\nfaasify.TargetFailed: " + said in done.stderr


def test_e4_what_pauses_and_is_over_its_limit_runs_here(same):
    program = """
        import asyncio, time
        def slow(n):
            for i in range(n):
                time.sleep(.3)
                yield i
        def big(n):
            for i in range(n):
                kept = [bytearray(b"x") * (1 << 20) for _ in range(150 if i == 2 else 1)]
                time.sleep(.1)
                yield len(kept)
        async def late(): time.sleep(1); return "late"
        print(list(slow(4)), list(slow(1)), list(big(4)), list(big(1)), asyncio.run(late()))
        """
    where, options = {"app.slow", "app.big"}, ["--limit", "timeout=0.7,memory=100"]
    result = same(program, select="app.slow,app.big,app.late", remote=where, home={"app.late": "time limit"}, options=options)
    units = result.report["units"]
    reasons = {name: [f["reason"] for f in unit["fallbacks"]] for name, unit in units.items()}
    late, big = ["limit: over its time limit of 0.7 s"], ["limit: over its memory limit of 100 MB"]
    assert reasons == {"app.slow": late, "app.late": late, "app.big": big}
    assert {name: unit["calls_remote"] for name, unit in units.items()} == {"app.slow": 1, "app.big": 1, "app.late": 0}


def test_e4_the_time_that_the_program_takes_for_a_value_is_not_the_generators(same):
    program = """
        import time
        def numbers():
            for i in range(4):
                time.sleep(.1)
                yield i
        def lengths():
            for i in range(4):
                yield len(seen)
        seen = []
        for i in numbers():
            time.sleep(.4)
            print(i)
        for n in lengths():
            time.sleep(0 if seen else 1.2)
            seen.append(n)
        print(seen)
        """
    result = same(program, select="app.numbers,app.lengths", options=["--limit", "timeout=1"])
    assert {name: (result.calls_remote(name), result.fallbacks(name)) for name in ("app.numbers", "app.lengths")} == {
        "app.numbers": (1, []),
        "app.lengths": (1, []),
    }


def test_e4_a_generator_whose_worker_is_gone_goes_on_here(same):
    program = """
        def deep(n):
            numbers = iter([1])
            for _ in range(n): numbers = map(abs, numbers)
            return next(numbers)
        def values(n):
            for i in range(3):
                yield i
            yield deep(n)
        print(list(values(10)))
        for i in values(1_000_000):
            print(i)
            if i == 2: break
        """
    result = same(program, select="app.values", remote={"app.values"})
    assert [f["reason"] for f in result.report["units"]["app.values"]["fallbacks"]] == ["target: its worker is gone: it crashed (SIGSEGV)"]


def test_e4_an_exception_of_the_program_is_none_of_these(same):
    program = """
        def f(): raise TimeoutError("mine")
        def g(): raise MemoryError("mine")
        for h in (f, g):
            try: h()
            except Exception as e: print(type(e).__name__, e.args)
        """
    options = ["--strict", "--limit", "memory=1000,timeout=60"]
    same(program, select="app.f,app.g", remote={"app.f"}, home={"app.g": "memory: an allocation failed"}, options=options)


def test_e4_an_allocation_that_fails_there_fails_here_if_it_must(same):
    program = """
        def f(n): return len(bytearray(n))
        for n in (10, 1 << 60, 20):
            try: print(f(n))
            except MemoryError as e: print("MemoryError", e.args)
        """
    result = same(program, select="app.f")
    assert result.calls_remote("app.f") == 2


def test_e4_the_time_that_a_person_takes_to_answer_is_not_the_units(same):
    program = """
        def f():
            name = input("name? ")
            return "hello " + name
        print(f())
        """
    result = same(program, select="app.f", options=["--limit", "timeout=20"], stdin="you\n")
    assert result.calls_remote("app.f") == 1


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("timeout=x", "'timeout=x' is no limit"),
        ("cpu=3", "'cpu=3' is no limit"),
        ("memory=0", "a limit is more than nothing"),
        ("app.g:memory=64", "--limit app.g: no unit of the program has that name"),
    ],
)
def test_a_limit_that_means_nothing_is_a_usage_error(faasify, tmp_path, limit, said):
    (tmp_path / "app.py").write_text("def f(): return 1\nprint(f())\n")
    done = faasify("run", "--select", "all", "--limit", limit, "app.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr and done.stderr.count("\n") == 1
