"""L4: async functions: awaited concurrently where nobody can tell (DECISIONS T7); else they stay."""


def test_l4_async_functions_that_only_compute(same):
    same(
        """
        import asyncio
        class Mine(Exception): pass
        async def at_once(x): return x + 1
        async def square(n):
            await asyncio.sleep(0.05 * (5 - n))  # who is done first is a race of the clock: with a margin for a busy machine
            return n * n
        async def several(n):
            total = 0
            for i in range(n):
                total += await asyncio.sleep(0, i); total += await at_once(i)
            return total
        async def fails(n):
            await asyncio.sleep(0.001)
            raise Mine(n)
        async def main():
            print(await at_once(1), await square(3), await several(3))
            print(await asyncio.gather(*map(square, range(5))))
            print(await asyncio.gather(fails(1), at_once(2), return_exceptions=True))
            try: await fails(3)
            except Mine as e: print(repr(e))
            tasks = [asyncio.create_task(square(n)) for n in (4, 1, 3)]
            for done in asyncio.as_completed(tasks): print(await done)
            async with asyncio.TaskGroup() as group: jobs = [group.create_task(several(n)) for n in range(12)]
            print([job.result() for job in jobs])
        asyncio.run(main())
        """,
        select="app.at_once,app.square,app.several,app.fails",
    )


def test_l4_coroutines_that_the_program_drives_itself(same):
    same(
        """
        class Waits:
            def __init__(self, n): self.n = n
            async def __aenter__(self): return await double(self.n)
            async def __aexit__(self, *raised): return False
        async def double(n): return 2 * n
        async def both(n):
            async with Waits(n) as got: return got
        def run(coroutine):
            try: coroutine.send(None)
            except StopIteration as e: return e.value
        print(run(double(1)), run(both(2)))
        """,
        select="app.double,app.Waits.__aenter__,app.Waits.__aexit__",
        remote=["app.double", "app.Waits.__aenter__"],
    )


def test_l4_gathered_calls_run_at_the_same_time(same, cache):
    result = same(
        """
        import asyncio, time
        async def slow(n):
            await asyncio.sleep(0.4)
            return n
        async def main():
            await slow(0)
            started = time.perf_counter()
            print(await asyncio.gather(*map(slow, range(6))))
            print(time.perf_counter() - started < 2)
        asyncio.run(main())
        """,
        select="app.slow",
    )
    assert result.calls_remote("app.slow") == 7


def test_l4_the_order_of_what_tasks_do_is_the_same(same):
    same(
        """
        import asyncio
        async def work(n):
            await asyncio.sleep(0.01 * (n % 2))
            return n
        async def job(n, order):
            print("start", n); order.append(n)
            got = await work(n)
            print("end", n); order.append(-got)
            await asyncio.sleep(0)
            return await work(n + 1)
        async def main():
            order = []
            print(await asyncio.gather(*(job(n, order) for n in range(5))), order)
        asyncio.run(main())
        """,
        select="app.work",
    )


def test_l4_an_async_function_that_shows_or_changes_something_stays(same):
    same(
        """
        import asyncio
        log = []
        async def noisy(n):
            await asyncio.sleep(0); print("noisy", n); return n
        async def noting(n):
            log.append(n); await asyncio.sleep(0); return list(log)
        async def first(n):
            print("only computes", n); return n
        async def main():
            print(await asyncio.gather(noisy(1), noting(2), noisy(3), noting(4), first(5), first(6)))
        asyncio.run(main())
        """,
        select="app.noisy,app.noting,app.first",
        home={"app.noisy": "async", "app.noting": "async"},
    )


def test_l4_cancelled_and_timed_out(same):
    same(
        """
        import asyncio
        async def careful(n):
            try: await asyncio.sleep(n)
            except asyncio.CancelledError: return "was cancelled"
            return "slept"
        async def plain(n):
            await asyncio.sleep(n)
            return n
        async def main():
            t = asyncio.create_task(careful(30)); u = asyncio.create_task(plain(30))
            await asyncio.sleep(0.05); t.cancel(); u.cancel()
            print(await t, await asyncio.gather(u, return_exceptions=True), u.cancelled())
            try: await asyncio.wait_for(plain(30), 0.05)
            except TimeoutError as e: print("timeout", repr(e))
            print(await asyncio.wait_for(careful(0.01), 30))
        asyncio.run(main())
        """,
        select="app.careful,app.plain",
    )


def test_l4_state_that_other_tasks_change_while_it_waits(same):
    same(
        """
        import asyncio
        async def total(xs):
            before = sum(xs)
            await asyncio.sleep(0.02)
            return before, sum(xs)
        async def main():
            xs = [1, 2]
            t = asyncio.create_task(total(xs))
            await asyncio.sleep(0); xs.append(10); xs[0] = 5
            print(await t, await total(xs))
        asyncio.run(main())
        """,
        select="app.total",
    )


def test_l4_what_awaits_something_of_the_callers_stays(same):
    same(
        """
        import asyncio
        async def ask(queue): return await queue.get()
        async def held(lock, n):
            async with lock: await asyncio.sleep(0); return n
        async def both(n): return await asyncio.gather(asyncio.sleep(0, n), asyncio.sleep(0, n + 1))
        async def main():
            q = asyncio.Queue(); t = asyncio.create_task(ask(q)); await q.put("x")
            lock = asyncio.Lock()
            print(await t, await asyncio.gather(held(lock, 1), held(lock, 2)), await both(3))
        asyncio.run(main())
        """,
        select="app.ask,app.held,app.both",
        home={"app.ask": "", "app.held": "", "app.both": "event loop"},
    )


def test_l4_async_methods_and_uncaught_exceptions(same):
    same(
        """
        import asyncio
        class Client:
            def __init__(self, base): self.base = base
            async def get(self, n, *, scale=1):
                await asyncio.sleep(0.001)
                return self.base[n] * scale
        async def main():
            c = Client({1: "one", 2: "two"})
            print(await asyncio.gather(c.get(1), c.get(2, scale=2)))
            await c.get(3)
        asyncio.run(main())
        """,
        select="app.Client.get",
        exit=1,
    )


def test_l4_async_generators_and_with_stay_or_run_inside(same):
    same(
        """
        import asyncio
        class Opened:
            async def __aenter__(self): return "opened"
            async def __aexit__(self, *e): return False
        async def ticks(n):
            for i in range(n): yield i; await asyncio.sleep(0)
        async def use(n):
            async with Opened() as o: found = [x async for x in ticks(n)]
            return o, found, [await asyncio.sleep(0, y) for y in range(2)]
        async def main(): print(await use(3), [x async for x in ticks(2)])
        asyncio.run(main())
        """,
        select="app.use,app.ticks",
        remote={"app.use"},
    )


def test_l4_what_asks_for_the_loop_or_the_task(same):
    result = same(
        """
        import asyncio
        def ask(what): return getattr(asyncio, what)()
        def name(): return ask("current_" + "task").get_name()
        async def running(): return ask("get_running_" + "loop").is_running()
        async def later():
            await asyncio.sleep(0)
            return ask("current_" + "task").get_name()
        async def limited():
            async with asyncio.timeout(5): return await asyncio.sleep(0, "in time")
        async def main(): print(name(), await running(), await later(), await limited())
        asyncio.run(main())
        """,
        select="app.name,app.running,app.later,app.limited",
        home={"app.name": "eventloop", "app.running": "eventloop", "app.limited": "event loop"},
        remote=(),
    )
    assert any("eventloop" in told for told in result.fallbacks("app.later"))
