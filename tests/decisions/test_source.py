"""DECISIONS S1: what shows a program's source, or stands beside its files, sees the original."""


def test_s1_file_names_and_line_numbers_are_the_originals(same):
    same(
        '''
        """A module docstring."""
        from __future__ import annotations
        import os, sys, traceback

        # a comment
        @(lambda g: g)
        def f(x: Undefined, *, y=2) -> Nothing:
            """Doc of f."""
            z = x
            return [1 / z]
        here = os.path.dirname(os.path.abspath(__file__))
        print(os.path.basename(__file__), os.path.isabs(__file__), os.path.samefile(sys.path[0], here), os.path.samefile(here, "."))
        print(os.path.basename(f.__code__.co_filename), f.__code__.co_firstlineno, f.__code__.co_name, f.__code__.co_qualname)
        print(f.__doc__, f.__annotations__, f.__kwdefaults__, f.__module__, __doc__)
        try:
            f(0)
        except ZeroDivisionError as e:
            print([(os.path.basename(s.filename), s.lineno, s.end_lineno, s.colno, s.end_colno, s.name, s.line)
                   for s in traceback.extract_tb(e.__traceback__)])
            traceback.print_exc()
        print(len(open(__file__).read()), sys.argv, __name__, __spec__, __package__)
        ''',
        select="app.f",
        argv=("-x", "y"),
    )


def test_s1_getsource_of_a_stub_shows_the_original(same):
    same(
        '''
        import inspect
        def deco(fn): return fn
        @deco
        def f(a, /, b: int = 3, *args, c=[], **kw) -> "R":
            """Doc."""
            # a comment inside
            return a
        class C:
            def m(self): return 1
        f(1)
        print(inspect.getsource(f), inspect.getsourcelines(f)[1], inspect.signature(f), inspect.getdoc(f))
        print(inspect.getsource(C), inspect.getsource(C.m), inspect.getfullargspec(f), inspect.getcomments(C))
        print(inspect.getmodule(f).__name__, inspect.isfunction(f), inspect.getsource(inspect.getmodule(f)).count("\\n"))
        ''',
        select="app.f,app.C.m",
        remote={"app.f"},
    )


def test_s1_doctest_runs_on_the_rewritten_program(same):
    same(
        '''
        import doctest
        def double(x):
            """Twice as much.

            >>> double(2)
            4
            >>> double([1]) is None
            False
            >>> double(None)
            Traceback (most recent call last):
            TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
            >>> double(1)
            3
            """
            return x * 2
        print(doctest.testmod())
        ''',
        select="app.double",
    )


def test_s1_help_of_a_stub_shows_the_original(same):
    same(
        '''
        import pydoc
        class C:
            """A class."""
            def m(self, x=1):
                """A method."""
                return x
        def f(a, *, b="q") -> int:
            """A function."""
            return C().m()
        print(f(1))
        print(pydoc.plain(pydoc.render_doc(f)), pydoc.plain(pydoc.render_doc(C)))
        ''',
        select="app.f,app.C.m",
        remote={"app.f"},
    )


def test_s1_files_beside_the_program_are_found(same):
    same(
        {
            "app.py": """
                import os, pathlib
                import helper
                HERE = pathlib.Path(__file__).parent
                def name(): return os.path.basename(__file__), os.path.basename(helper.__file__), HERE.name == os.path.basename(os.getcwd())
                print(name(), (HERE / "data" / "words.txt").read_text())
                (HERE / "written.txt").write_text("beside the original")
                """,
            "helper.py": "X = 1\n",
            "data/words.txt": "hello\n",
        },
        select="app.name",
    )
