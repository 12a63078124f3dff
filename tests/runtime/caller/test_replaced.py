"""What the program puts in the place of a library's functions is asked by the program alone: the runtime keeps those that it began with."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Build, both_ways

REPLACED = {
    "app.py": """
        import builtins, fcntl, hashlib, os, select, threading
        def work(n):
            return n * 2 + 1
        def gen(n):
            for i in range(n):
                yield i * i
        asked, kept = [], []
        def replace(module, name):
            real = getattr(module, name)
            def noting(*args, **kwargs):
                asked.append(name)
                return real(*args, **kwargs)
            kept.append((module, name, real))
            setattr(module, name, noting)
        class Deaf:
            def register(self, *args): asked.append("register")
            def poll(self, *args): asked.append("poll"); return []
        def many(answers):
            threads = [threading.Thread(target=lambda: answers.append(sum(work(i) for i in range(20)))) for _ in range(4)]
            for t in threads: t.start()
            for t in threads: t.join()
            return answers
        kept.append((select, "poll", select.poll))
        select.poll = Deaf
        for module, names in (
            (os, "close pipe kill getpid getpgid posix_spawn waitpid write unlink replace makedirs access"),
            (os.path, "join realpath exists isfile"), (fcntl, "fcntl"), (hashlib, "sha256"),
        ):
            for name in names.split():
                replace(module, name)
        print(work(1), sum(gen(5)), [work(i) for i in range(30)], many([]))
        replace(builtins, "open")
        import late
        builtins.open = kept.pop()[2]
        print(late.more(3), many([]))
        for module, name, real in kept:
            setattr(module, name, real)
        print(asked)
        """,
    "late.py": "def more(n):\n    return n + 40\n",
}


def test_functions_of_the_library_that_the_program_replaces_are_not_asked_by_us(build: Callable[..., Build]) -> None:
    program = build(REPLACED, select="app.work,app.gen,late.more")
    both_ways(program)
    assert {"app.work", "app.gen", "late.more"} <= set(program.report["functions_remote"])


LEFT = {
    "app.py": """
        import builtins, json, os
        def work(n): return n + 1
        print(work(1))
        replaced = (json, "dumps dump JSONEncoder"), (builtins, "open"), (os, "getpid unlink"), (os.path, "isfile")
        for module, names in replaced:
            for name in names.split(): setattr(module, name, None)
        """
}


def test_what_the_program_has_replaced_to_its_end_is_not_asked_by_us(build: Callable[..., Build]) -> None:
    program = build(LEFT)
    state = program.out.parent / "state.json"
    program.same(remote=["app.work"], final_state=str(state))
    assert "__main__.work" in state.read_text()
