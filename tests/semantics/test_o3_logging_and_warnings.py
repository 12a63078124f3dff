"""O3: log records and warnings of a unit are handled by the caller's handlers and filters."""

import sys

import pytest

TWO_STREAMS = """
    import logging, sys
    form = "%(levelname)s:%(name)s:%(funcName)s:%(lineno)d:%(filename)s:%(message)s"
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format=form)
    log = logging.getLogger("work")
    def f(n):
        print("before", n)
        logging.info("root %d", n); log.warning("careful %s", [n]); log.debug("never")
        print("after", n, file=sys.stderr)
        try: {}["k"]
        except KeyError: log.exception("trouble")
        return log.isEnabledFor(logging.DEBUG), logging.getLogger("work") is log, log.getEffectiveLevel()
    print(f(1))
    log.setLevel(logging.DEBUG)
    print(f(2))
    logging.disable(logging.INFO)
    print(f(3))
    """


def test_o3_records_come_in_order_with_the_output(same):
    same(TWO_STREAMS, select="app.f", merged=True, env={"PYTHONUNBUFFERED": "1"})


def test_o3_the_last_resort_and_a_basic_config_made_by_a_unit(same):
    same(
        """
        import logging
        def f(n): logging.getLogger("x.y").warning("to the last resort %d", n)
        def g(n): logging.warning("configures %d", n); logging.error("again")
        f(1); g(2); f(3)
        print(logging.root.handlers, logging.root.level)
        """,
        select="app.f,app.g",
    )


def test_o3_records_for_a_file_are_written_here(same):
    result = same(
        """
        import logging, logging.handlers
        log = logging.getLogger("to.file")
        handler = logging.FileHandler("run.log", mode="w")
        handler.setFormatter(logging.Formatter("%(levelname)-8s %(threadName)s %(processName)s %(message)s"))
        log.addHandler(handler); log.setLevel("DEBUG"); log.propagate = False
        small = logging.handlers.RotatingFileHandler("small.log", maxBytes=40, backupCount=2)
        log.addHandler(small)
        def f(n):
            for i in range(n): log.info("line %d of %d", i, n)
            try: {}["k"]
            except KeyError: log.error("trouble", exc_info=False)
            return "done"
        log.info("here"); print(f(3)); log.info("here again"); print(f(2))
        """,
        select="app.f",
    )
    assert set(result.rewritten.files) >= {"run.log", "small.log", "small.log.1"}


def test_o3_handlers_filters_and_formatters_of_the_program(same):
    same(
        """
        import logging
        class Keep(logging.Handler):
            def __init__(self): super().__init__(); self.lines = []
            def emit(self, record): self.lines.append((record.levelname, record.getMessage(), record.n)); seen.append(len(self.lines))
        class Numbered(logging.Filter):
            n = 0
            def filter(self, record): Numbered.n += 1; record.n = Numbered.n; return "secret" not in record.getMessage()
        class Loud(logging.Formatter):
            def format(self, record): return super().format(record).upper() + "!"
        seen = []
        log = logging.getLogger("app")
        keep = Keep(); log.addHandler(keep); log.addFilter(Numbered())
        stream = logging.StreamHandler(); stream.setFormatter(Loud("%(n)d %(message)s")); log.addHandler(stream)
        def f(x):
            log.error("seen %s", x); log.error("secret"); log.warning("more")
            return len(keep.lines), seen, Numbered.n
        print(f("a")); log.error("between"); print(f("b")); print(keep.lines, seen, Numbered.n)
        """,
        select="app.f",
        merged=True,
        env={"PYTHONUNBUFFERED": "1"},
    )


def test_o3_a_unit_sets_logging_up(same):
    same(
        """
        import logging, sys
        def setup(level):
            logging.basicConfig(level=level, format="%(name)s %(message)s", stream=sys.stdout)
            log = logging.getLogger("made.there"); log.setLevel(logging.DEBUG); log.propagate = True
            logging.addLevelName(15, "DETAIL")
            logging.getLogger("quiet").disabled = True
            return log
        log = setup(logging.WARNING)
        log.debug("debug"); logging.info("not shown"); logging.getLogger("quiet").error("never")
        print(log is logging.getLogger("made.there"), logging.getLevelName(15), log.level, logging.root.handlers[0].stream is sys.stdout)
        def undo():
            for handler in list(logging.root.handlers): logging.root.removeHandler(handler)
            log.setLevel(logging.NOTSET)
        undo(); log.warning("last resort"); print(logging.root.handlers, log.level)
        """,
        select="app.setup,app.undo",
    )


def test_o3_the_lines_of_loggers_in_other_modules_and_adapters(same):
    same(
        {
            "app.py": """
                import logging, sys, lib
                logging.basicConfig(stream=sys.stdout, level="DEBUG", format="%(name)s %(module)s %(message)s")
                def f(x):
                    adapter = logging.LoggerAdapter(logging.getLogger(__name__), {"user": x})
                    adapter.info("hi"); lib.work(x)
                    return len(lib.log.handlers), lib.log.name
                print(f(1))
                """,
            "lib.py": """
                import logging
                log = logging.getLogger(__name__)
                log.addHandler(logging.NullHandler())
                def work(x):
                    if log.isEnabledFor(logging.INFO): log.info("working on %r", {x: x})
                    log.log(25, "level %s", 25)
                """,
        },
        select="app.f",
    )


def test_o3_the_list_of_handlers_as_a_value(same):
    same(
        """
        import logging
        log = logging.getLogger("w"); log.addHandler(logging.NullHandler())
        def f(): return log.handlers
        f().clear(); print(log.handlers, f() is log.handlers)
        """,
        select="app.f",
        home={"app.f": "handlers"},
    )


def test_o3_a_record_made_in_a_thread_names_it(same):
    same(
        """
        import logging, sys, threading
        logging.basicConfig(stream=sys.stdout, format="%(threadName)s %(message)s")
        def f(x): logging.warning("in %s", x)
        t = threading.Thread(target=f, args=("a thread",), name="worker-7"); t.start(); t.join(); f("main")
        """,
        select="app.f",
    )


def test_o3_a_record_that_asks_for_the_callers_frame(same):
    same(
        """
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(funcName)s %(lineno)d %(message)s")
        def helper(text): logging.warning(text, stacklevel=2)
        def f():
            helper("inside")
        def outer():
            helper("from outer")
            f()
        outer()
        """,
        select="app.f,app.helper",
        remote={"app.f"},
    )


def test_o3_a_handler_that_holds_what_cannot_travel(same):
    same(
        """
        import logging
        class Count(logging.Handler):
            def __init__(self): super().__init__(); self.file = open("out.txt", "w")
            def emit(self, record): print(record.getMessage())
        log = logging.getLogger("w"); log.addHandler(Count())
        def f(x): log.error("x %s", x); return x
        def g(x): return x + 1
        print(f(1), g(1)); log.handlers[0].file.close()
        """,
        select="app.f,app.g",
        home={"app.f": "logging"},
    )


def test_o3_a_function_that_logs_nothing_runs_in_the_worker_of_one_that_does(same):
    result = same(
        """
        import logging, sys
        def silent(x): return sum(i * i for i in range(x))
        def loud(x): logging.info("info %d", x); logging.getLogger("low").debug("low %d", x); logging.log(15, "d"); return x
        logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
        low = logging.getLogger("low"); low.setLevel(1)
        logging.addLevelName(15, "DETAIL"); logging.root.setLevel(12)
        for i in range(3): print(silent(10), loud(i), silent(20))
        logging.disable(logging.INFO)
        for i in range(2): print(loud(i), silent(30))
        """,
        select="app.loud,app.silent",
    )
    assert (result.calls_remote("app.silent"), result.fallbacks("app.silent"), result.fallbacks("app.loud")) == (8, [], [])


WARN = """
    import sys, warnings
    def f(x):
        print("before", file=sys.stderr)
        warnings.warn(f"careful {x}"); warnings.warn("old", DeprecationWarning); warnings.warn("user", FutureWarning)
        print("after", file=sys.stderr)
    f(1); f(1); f(2)
    warnings.warn("old", DeprecationWarning)
    """


def test_o3_a_warning_is_shown_once_for_each_place(same):
    same(WARN, select="app.f")


@pytest.mark.parametrize("option", ["error", "ignore", "always", "default::DeprecationWarning", "once", "ignore::FutureWarning"])
def test_o3_filters_of_the_command_line(same, option):
    same(WARN, select="app.f", env={"PYTHONWARNINGS": option}, exit=int(option == "error"))


def test_o3_filters_that_the_program_changes(same):
    same(
        """
        import warnings
        class Mine(UserWarning): pass
        def f(x):
            try: warnings.warn("mine", Mine); warnings.warn("yours %s" % x)
            except UserWarning as e: return type(e).__name__, str(e)
            return "no error"
        print(f(1))
        warnings.simplefilter("error", Mine); print(f(1))
        warnings.filterwarnings("ignore", message="mi.e"); print(f(2))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore"); print(f(3))
        print(f(3)); print(f(3))
        """,
        select="app.f",
    )


def test_o3_filters_that_a_unit_changes(same):
    same(
        """
        import warnings
        def quiet(): warnings.filterwarnings("ignore", message="b.*"); return len(warnings.filters)
        def inside():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always"); warnings.warn("kept"); warnings.warn("kept")
            return [str(w.message) for w in caught], [w.lineno for w in caught]
        def warn(text): warnings.warn(text)
        n = len(warnings.filters)
        warn("a"); warn("b"); print(quiet() - n); warn("b2"); warn("a"); print(inside()); warn("a"); warn("c")
        """,
        select="app.quiet,app.inside,app.warn",
    )


def test_o3_warnings_recorded_in_the_caller(same):
    same(
        """
        import warnings
        class Mine(UserWarning):
            def __init__(self, text, extra): super().__init__(text); self.extra = extra
        def f(x): warnings.warn(Mine("seen", [x])); warnings.warn("twice"); warnings.warn("twice"); return x
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            print(f(5))
        for w in caught: print(w.category.__name__, w.message, w.lineno, getattr(w.message, "extra", None), w.filename[-6:])
        """,
        select="app.f",
    )


def test_o3_a_showwarning_of_the_program(same):
    same(
        """
        import warnings
        shown = []
        def show(message, category, filename, lineno, file=None, line=None): shown.append(str(message)); print("shown", message, lineno)
        warnings.showwarning = show
        def f(x): print("in f"); warnings.warn("one"); print(len(shown)); warnings.warn("two"); return shown
        print(f(1) is shown, shown)
        """,
        select="app.f",
    )


def test_o3_warnings_that_go_to_logging(same):
    same(
        """
        import logging, sys, warnings
        logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
        logging.captureWarnings(True)
        def f(x): warnings.warn("captured"); return x
        print(f(1)); print(f(1))
        logging.captureWarnings(False); f(2)
        """,
        select="app.f",
    )


STACKLEVEL = """
    import sys, warnings
    def deprecated(what): warnings.warn(what + " is old", DeprecationWarning, stacklevel=2)
    def f(x):
        deprecated("inside"); return x
    def g(x):
        deprecated("from g")
        return x
    print(f(1), f(1), g(1)); deprecated("from the module")
    """


def test_o3_a_warning_about_the_caller(same):
    same(STACKLEVEL, select="app.f,app.deprecated")


def test_o3_a_warning_of_a_library(same):
    same(
        """
        import ast, warnings
        def f(text): return ast.dump(ast.parse(text))[:6], compile(text, "made", "eval") is None
        print(f("1 is 1"), f("1 is 1"))
        """,
        select="app.f",
        remote=(),
    )


def test_o3_a_warning_for_a_line_of_numpy(same):
    pytest.importorskip("numpy")
    same(
        """
        import numpy as np
        def mean(xs): return float(np.mean(np.array(xs)))
        print(mean([1.0]), mean([]), float(np.mean(np.array([]))), mean([]), mean([2.0]), float(np.mean(np.array([]))))
        """,
        select="app.mean",
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="records name the task from 3.12 on")
def test_o3_a_record_made_in_a_task_names_it(same):
    same(
        """
        import asyncio, logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(taskName)s %(message)s")
        def f(x): logging.warning("in %s", x)
        async def main(): f("a task")
        asyncio.run(main()); f("none")
        """,
        select="app.f",
    )


@pytest.mark.parametrize("name", ["wrong", "deep", "held", "held_wrong"])
def test_o3_a_stack_that_the_library_prints(same, name):
    same(
        """
        import logging, sys
        def wrong(n):
            logging.error("%d items", "x")
            return n
        def deep(n):
            logging.warning("deep", stack_info=True)
        def held(n, file):
            logging.warning("held", stack_info=True)
        def held_wrong(n, file):
            logging.warning("%d items", "y")
        def main():
            for n in range(2):
                with open(__file__) as file:
                    print(wrong(n), deep(n), held(n, file), held_wrong(n, file))
        main()
        """,
        select=f"app.{name}",
        remote=(),
    )


def test_o3_a_library_warns_whoever_imports_it(same):
    result = same(
        {
            "app.py": """
                import os, sys
                sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "site"))
                def f(x): return x + 1
                import old_fashioned
                print(f(1), old_fashioned.LEVEL)
                try: import broken
                except ZeroDivisionError as e:
                    tb, lines = e.__traceback__, []
                    while tb: lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno)); tb = tb.tb_next
                    print(lines)
                import broken
                """,
            "site/old_fashioned.py": """
                import warnings
                def tell(): warnings.warn("old_fashioned is deprecated", DeprecationWarning, stacklevel=3)
                tell()
                LEVEL = 3
                """,
            "site/broken.py": "1 / 0\n",
        },
        select="app.f",
        exit=1,
    )
    assert "app.py:4: DeprecationWarning: old_fashioned is deprecated" in result.original.stderr
