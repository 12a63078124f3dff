"""S1: globals are read as they are at the call, and written in the caller."""


def test_s1_globals_are_seen_as_they_are_at_the_call(same):
    same(
        """
        LIMIT = 3
        table = {"a": 1}
        def f(): return LIMIT, table, [n for n in range(LIMIT)], len(table)
        print(f())
        LIMIT = 2; table = ["other"]
        print(f(), f()[1] is table)
        """,
        select="app.f",
    )


def test_s1_globals_written_are_written_in_the_caller(same):
    same(
        """
        count, text, items, gone, made_of = 0, "", [], 1, None
        def f(x):
            global count, text, items, gone, made_of, fresh
            count += x; text += str(x); items = items + [x]; made_of = f
            if x == 2: del gone
            fresh = {"x": x}
            return "gone" in globals()
        print(f(1), count, text, items, fresh, made_of is f)
        print(f(2), count, text, items, fresh)
        try: print(gone)
        except NameError as e: print(e)
        """,
        select="app.f",
    )


def test_s1_globals_of_other_modules(same):
    same(
        {
            "app.py": """
                import state, state as alias
                from state import items, bump
                def f(n):
                    state.count += n; items.append(n); state.made = [n]; alias.items.append(bump())
                    return items is state.items
                print(f(1), state.count, items, state.made, state.show())
                state.count = 100
                print(f(2), state.count, state.items, bump(), state.show())
                del state.made
                print(hasattr(state, "made"), f(3), state.made)
                """,
            "state.py": """
                count = 0
                items = []
                def bump():
                    global count
                    count += 1
                    return count
                def show(): return count, items
                """,
        },
        select="app.f,state.bump",
    )


def test_s1_functions_that_the_program_rebinds(same):
    same(
        """
        def helper(x): return x + 1
        def f(x): return helper(x)
        print(f(1))
        old = helper
        helper = lambda x: old(x) * 10
        print(f(1))
        def helper(x): return "third"
        print(f(1), old(1))
        len = lambda x: "shadowed"
        def g(x): return len(x)
        print(g([]))
        del len
        print(g([]))
        """,
        select="app.f,app.g",
    )


def test_s1_a_global_written_and_then_raised(same):
    same(
        """
        n = 0
        def f():
            global n
            for n in range(5):
                if n == 3: raise IndexError(n)
        try: f()
        except IndexError as e: print(e, n)
        """,
        select="app.f",
    )


def test_s1_globals_of_the_program_by_its_main_module(same):
    same(
        """
        import __main__
        count, items = 1, []
        def by_import():
            import __main__ as m
            m.items.append(m.count)
            return m.count
        def by_name():
            from __main__ import count
            return count
        def around():
            __main__.count += 1
            return __main__.count, __main__.items
        print(by_import(), by_name(), around(), count, items)
        count = 10
        print(by_import(), by_name(), around(), count, items)
        """,
        select="app.around,app.by_import,app.by_name",
        home={"app.by_import": "__main__", "app.by_name": "__main__"},
    )
