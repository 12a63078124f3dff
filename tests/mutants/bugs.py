"""The bugs: a text of a source file, another in its place, and the tests that are to notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

UNIT, CALLER = "faasify/runtime/unit/", "faasify/runtime/caller/"
V4, R = "tests/semantics/test_v4_copy_restore.py", "tests/decisions/test_copy_restore.py"


@dataclass(frozen=True)
class Bug:
    name: str
    file: str
    old: str
    new: str
    tests: str  # what of the suite is run: files and -k, as pytest takes them

    def changed(self, tree: Path) -> str:
        """The file's text with the bug in it; LookupError where the text is not there, or more than once."""
        text = (tree / self.file).read_text()
        if text.count(self.old) != 1:
            raise LookupError(f"{self.name}: {self.file} has its text {text.count(self.old)} times, and not once")
        return text.replace(self.old, self.new)


BUGS = (
    Bug(
        "a commit in the wrong order: output before state",
        CALLER + "commit.py",
        """    try:
        for plan in plans:
""",
        """    try:
        output.commit([tuple(entry) for entry in reply["out"]], runtime.output_streams(), {})
        reply["out"] = []
        for plan in plans:
""",
        "tests/semantics/test_o1_streams.py",
    ),
    Bug(
        "a commit in the wrong order: iterators before the lists that they run over",
        UNIT + "before.py",
        'return sorted(edits, key=lambda edit: bool(edit[1][0] == "R"))',
        'return sorted(edits, key=lambda edit: bool(edit[1][0] != "R"))',
        "tests/decisions/test_iterators_and_buffers.py -k c6",
    ),
    Bug(
        "a lost alias: what is met twice is sent twice",
        UNIT + "encoder.py",
        """        i = self.memo.get(id(obj))
        if i is None:
""",
        """        i = self.memo.get(id(obj)) if kind is not list or len(self.objs) % 7 else None
        if i is None:
""",
        "tests/semantics/test_v3_aliasing.py",
    ),
    Bug(
        "a lost alias: the dict of an object",
        UNIT + "encoder.py",
        "return self.dicts().get(id(space))",
        "return None",
        "tests/semantics/test_v3_aliasing.py",
    ),
    Bug(
        "a value written back twice: the end of a list",
        UNIT + "edits.py",
        "new[start : len(new) - end])",
        "new[start:])",
        V4,
    ),
    Bug(
        "a dropped global: one that the call made",
        UNIT + "base.py",
        "if (before.get(k, _MISSING) is not v or k in again) and k not in _OURS]",
        "if k in before and (before.get(k, _MISSING) is not v or k in again) and k not in _OURS]",
        "tests/semantics/test_s1_globals.py",
    ),
    Bug(
        "a dropped global: one that the call deleted",
        CALLER + "commit.py",
        "        for name in removed:\n",
        "        for name in removed[1:]:\n",
        "tests/semantics/test_s1_globals.py",
    ),
    Bug(
        "a stale global: a worker remembers the call before",
        UNIT + "placing.py",
        "        space.clear()\n        space[",
        "        space[",
        "tests/semantics/test_s1_globals.py tests/runtime/test_worker.py",
    ),
    Bug(
        "an exception without its cause",
        UNIT + "exceptions.py",
        '        enc.value(get_field(obj, "__cause__")),\n',
        "        enc.value(None),\n",
        "tests/semantics/test_e1_exceptions.py",
    ),
    Bug(
        "an exception without the context that the caller handles",
        CALLER + "binding.py",
        '            set_field(exc, "__context__", pending[1])\n',
        '            set_field(exc, "__context__", None)\n',
        "tests/semantics/test_e1_exceptions.py",
    ),
    Bug(
        "an exception with frames that are not the user's",
        CALLER + "tracebacks.py",
        "    while tb is not None and _is_between(tb.tb_frame.f_code):",
        "    while False and tb is not None and _is_between(tb.tb_frame.f_code):",
        "tests/semantics/test_e2_tracebacks.py",
    ),
    Bug(
        "stderr before stdout",
        UNIT + "output.py",
        "    for fd, data in entries:\n        if others",
        "    for fd, data in sorted(entries, key=lambda entry: -entry[0]):\n        if others",
        "tests/semantics/test_o1_streams.py tests/runtime/test_streams.py",
    ),
    Bug(
        "the output of a call that raises is lost",
        UNIT + "worker.py",
        "for n, data in self.streams.output(NOTES)]",
        "for n, data in (self.streams.output(NOTES) if ok else [])]",
        "tests/semantics/test_o4_output_of_failures.py",
    ),
    Bug(
        "a guard event ignored: open",
        UNIT + "events.py",
        "HARMLESS = frozenset(\n    {\n",
        'HARMLESS = frozenset(\n    {\n        "open",\n',
        "tests/decisions/test_guard.py -k g1",
    ),
    Bug(
        "a guard that raises instead of ending the worker",
        UNIT + "guard.py",
        "        armed.abort(kind, what)\n    finally:\n        _faasify_exit(70)",
        "        raise PermissionError(what)\n    finally:\n        pass",
        "tests/decisions/test_guard.py -k g1",
    ),
    Bug(
        "arguments are not restored when the call raises",
        UNIT + "worker.py",
        '            reply["edits"] = seen.edits(enc)\n',
        '            reply["edits"] = seen.edits(enc) if ok else []\n',
        V4,
    ),
    Bug(
        "what is equal counts as unchanged",
        UNIT + "changeable.py",
        "return len(before) == len(after) and all(map(is_, before, after))",
        "return len(before) == len(after) and before == after",
        R,
    ),
    Bug(
        "the order of a dict is not restored",
        UNIT + "edits.py",
        "    again = added_again(before, after)\n",
        "    again = set[Any]()\n",
        V4 + " " + R + " tests/runtime/test_changes.py",
    ),
    Bug(
        "captured variables are not written back",
        UNIT + "changed_functions.py",
        "    CellType: _Cell(),\n",
        "    CellType: Kind(),\n",
        "tests/semantics/test_s4_captured.py",
    ),
    Bug(
        "class attributes are not written back",
        UNIT + "changed_functions.py",
        "    type: _Class(),\n",
        "    type: Kind(),\n",
        "tests/semantics/test_s2_hidden_state.py",
    ),
    Bug(
        "the state of the random generator stays in the unit",
        UNIT + "generators.py",
        "    return {name: found for name, found in now.items() if found != state[name]}\n",
        "    return {}\n",
        "tests/semantics/test_s2_hidden_state.py",
    ),
    Bug(
        "defaults of another function of the same code",
        UNIT + "functions.py",
        "    fn.__defaults__ = dec.value(defaults)\n",
        "    fn.__defaults__ = fn.__defaults__\n",
        "tests/semantics/test_s2_hidden_state.py",
    ),
    Bug(
        "a global that cannot travel is a NameError",
        UNIT + "placing.py",
        "        if name in self._poison:\n",
        "        if False:\n",
        "tests/semantics/test_v5_what_cannot_travel.py tests/runtime/test_worker.py",
    ),
    Bug(
        "a result is another object than the argument that it is",
        UNIT + "worker.py",
        'reply: dict[str, Any] = {"ret" if ok else "exc": enc.root(value)}',
        'reply: dict[str, Any] = {"ret" if ok else "exc": enc.root(value[:] if type(value) is list else value)}',
        "tests/semantics/test_v3_aliasing.py",
    ),
    Bug(
        "True and 1 are one value",
        UNIT + "edits.py",
        "return a is b or (type(a) is type(b) and type(a) in _ATOMS",
        "return a is b or (type(a) in _ATOMS",
        V4 + " " + R + " tests/runtime/test_changes.py",
    ),
    Bug(
        "a commit over another thread's change",
        CALLER + "transaction.py",
        "return snapshot.holds(seen) and",
        "return",
        "tests/decisions/test_transactions.py -k t2",
    ),
    Bug(
        "a line of stdin is read twice",
        CALLER + "interaction.py",
        "            stdin.faasify_lines = [*self.read, *waiting]\n",
        "            stdin.faasify_lines = [*self.read, *self.read, *waiting]\n",
        "tests/semantics/test_o2_stdin.py tests/runtime/caller/test_interaction.py",
    ),
    Bug(
        "keyword-only arguments in the order of their names",
        CALLER + "trampoline.py",
        "list(zip(self.kwonly, values[count : count + kwonly], strict=True))",
        "list(zip(sorted(self.kwonly), values[count : count + kwonly], strict=True))",
        "tests/semantics/test_l1_parameters.py tests/runtime/caller/test_trampoline.py",
    ),
    Bug(
        "units with another hash seed",
        "faasify/localcloud/spawn.py",
        '        environ["PYTHONHASHSEED"] = str(options["hash_seed"])\n',
        '        environ["PYTHONHASHSEED"] = "77"\n',
        "tests/decisions/test_transactions.py -k t4",
    ),
    Bug(
        "a loop over a deque does not survive a call that sets an element",
        UNIT + "edits.py",
        "    if len(old) == len(new):\n        for i, value in enumerate(new):\n",
        "    if False:\n        for i, value in enumerate(new):\n",
        R,
    ),
)
