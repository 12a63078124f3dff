"""S4: captured variables are read and written like globals."""


def test_s4_captured_variables_are_read_and_written(same):
    same(
        """
        def outer():
            n, seen = 0, []
            def inner(x):
                nonlocal n
                n += x; seen.append(n)
                return seen
            def peek(): return n, seen
            for i in range(3): got = inner(i)
            n += 100
            inner(1)
            return n, seen, got is seen, peek()
        print(outer())
        """,
        select="app.outer.<locals>.inner",
    )


def test_s4_an_unbound_cell_and_a_deleted_one(same):
    same(
        """
        def outer():
            def read():
                try: return late
                except NameError as e: return str(e)
            def drop():
                nonlocal late
                del late
            print(read())
            late = [1]
            print(read(), read() is late)
            drop()
            print(read())
        outer()
        """,
        select="app.outer.<locals>.read,app.outer.<locals>.drop",
    )


def test_s4_two_closures_share_one_cell(same):
    same(
        """
        def make():
            value = 0
            def get(): return value
            def put(v):
                nonlocal value
                old, value = value, v
                return old
            return get, put
        get, put = make(); get2, put2 = make()
        print(put(5), get(), put2("other"), get2(), put([1]), get(), get() is get())
        get().append(2); print(get())
        """,
        select="app.make.<locals>.put",
    )
