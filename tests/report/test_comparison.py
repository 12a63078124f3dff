"""Two runs held against each other: what counts as the same, and what a difference looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from faasify.report.comparison import Comparison, Errors, Outcome, State, as_json, as_text, compare, take_apart

TRACEBACK = """\
Traceback (most recent call last):
  File "/p/app.py", line 9, in <module>
    main()
    ~~~~^^
  File "/p/app.py", line 5, in main
    raise ValueError("no\\nway")
ValueError: no
way
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/p/a.py", line 1, in f
  | ExceptionGroup: g (1 sub-exception)
  +-+---------------- 1 ----------------
    | KeyError: 3
    +------------------------------------
"""
REPORT = {
    "functions_remote": ["app.f"],
    "units": {"app.f": {"calls_remote": 2, "fallbacks": [{"reason": "VALUE", "path": "args.x", "count": 3}]}},
}


def run(stdout: str = "", stderr: str = "", code: int | None = 0, files: Mapping[str, str] | None = None) -> Outcome:
    return Outcome(stdout.encode(), stderr.encode(), code, files or {}, 0.5)


def comparison(original: Outcome, rewritten: Outcome, report: Mapping[str, Any] = REPORT) -> Comparison:
    return compare((), original, rewritten, report)


def differing(original: Outcome, rewritten: Outcome) -> list[str]:
    return [point.name for point in comparison(original, rewritten).points if not point.agrees]


def test_runs_that_did_the_same_agree() -> None:
    same = run("a\n", "b\n", 3, {"x": "1"})
    assert comparison(same, same).agrees
    assert differing(same, same) == []


@pytest.mark.parametrize(
    ("original", "rewritten", "names"),
    [
        pytest.param(run("a\n"), run("b\n"), ["stdout"], id="another line"),
        pytest.param(run("a\n"), run("a"), ["stdout"], id="a missing end of line"),
        pytest.param(run(stderr="a"), run(), ["stderr"], id="stderr"),
        pytest.param(run(code=1), run(code=0), ["exit code"], id="exit code"),
        pytest.param(run(), run(code=None), ["exit code"], id="one was stopped at the time limit"),
        pytest.param(run(files={"x": "1"}), run(files={"x": "2"}), ["files written"], id="another file's contents"),
        pytest.param(run(files={"x": "1"}), run(), ["files written"], id="a file that was not written"),
        pytest.param(run(files={"x": ""}), run(files={"x": "1"}), ["files written"], id="deleted here, written there"),
        pytest.param(run(stderr=TRACEBACK), run(stderr=TRACEBACK.replace("line 5", "line 6")), ["frames"], id="another line in a frame"),
        pytest.param(run(stderr=TRACEBACK), run(stderr=TRACEBACK.replace("in main", "in f")), ["frames"], id="another function in a frame"),
        pytest.param(run(stderr=TRACEBACK), run(stderr=TRACEBACK.replace("way\n", "")), ["exception"], id="another message"),
        pytest.param(run(stderr="x\n" + TRACEBACK), run(stderr=TRACEBACK), ["stderr"], id="what came before the traceback"),
        pytest.param(run(stderr=TRACEBACK), run(), ["exception", "frames"], id="no exception"),
    ],
)
def test_every_difference_is_named(original: Outcome, rewritten: Outcome, names: list[str]) -> None:
    assert differing(original, rewritten) == names
    assert differing(rewritten, original) == names
    assert not comparison(original, rewritten).agrees


def test_the_marks_below_a_source_line_are_no_difference() -> None:
    assert differing(run(stderr=TRACEBACK), run(stderr=TRACEBACK.replace("    ~~~~^^\n", ""))) == []


def test_bytes_that_are_no_text_are_compared_too() -> None:
    assert differing(Outcome(b"\xff", b"", 0, {}, 0), Outcome(b"\xfe", b"", 0, {}, 0)) == ["stdout"]


def test_stderr_is_taken_apart_at_its_last_traceback() -> None:
    frames = (("/p/app.py", "9", "<module>"), ("/p/app.py", "5", "main"))
    assert take_apart("hm\n" + TRACEBACK) == Errors("hm\n", frames, "ValueError: no\nway")
    assert take_apart("no traceback here") == Errors("no traceback here", (), "")


def test_an_exception_group_is_compared_as_a_whole() -> None:
    assert take_apart(GROUP).frames == (("/p/a.py", "1", "f"),)
    assert differing(run(stderr=GROUP), run(stderr=GROUP.replace("KeyError: 3", "KeyError: 4"))) == ["exception"]


def test_a_difference_is_shown_as_a_diff_from_the_line_that_differs() -> None:
    original, rewritten = "1\n2\n3\n4\nab\nend\n", "1\n2\n3\n4\nac\nend"
    (point,) = [point for point in comparison(run(original), run(rewritten)).points if not point.agrees]
    assert point.diff == ("@@ line 3", " 3", " 4", "-ab", "-end", "+ac", "+end  (no end of line)")


def test_a_diff_has_an_end() -> None:
    long = "".join(f"{n}\n" for n in range(5000))
    (point,) = [point for point in comparison(run(long), run(long.replace("\n", "x" * 500 + "\n"))).points if not point.agrees]
    assert len(point.diff) < 50 and max(map(len, point.diff)) < 200
    assert point.diff[-1].endswith("more lines")


STATE = {"app.xs": "list [1, 2]", "app.n": "3"}


def with_state(outcome: Outcome, lines: Mapping[str, str], why_not: str = "") -> Outcome:
    return replace(outcome, state=State(lines, why_not))


def globals_of(original: Outcome, again: Outcome, rewritten: Outcome) -> tuple[str, tuple[str, ...], str]:
    found = compare((), original, rewritten, REPORT, again=(again,))
    (point,) = [point for point in found.points if point.name == "final globals"]
    return point.verdict, point.diff, point.why


def test_final_globals_are_compared_by_name() -> None:
    plain, observed = run("a\n"), with_state(run("a\n"), STATE)
    assert globals_of(plain, observed, with_state(plain, STATE)) == ("same", (), "")
    changed = {"app.xs": "list [1]", "app.m": "3"}
    lines = ("-app.xs = list [1, 2]", "+app.xs = list [1]", "-app.n = 3", "+app.m = 3")
    assert globals_of(plain, observed, with_state(plain, changed)) == ("different", lines, "")


def test_what_is_not_known_is_not_compared() -> None:
    plain = run("a\n")
    told = globals_of(plain, with_state(plain, {}, "killed"), with_state(plain, STATE))
    assert told == ("not compared", (), "killed")


def verdict_of(name: str, *runs: Outcome, rewritten: Outcome) -> tuple[str, tuple[str, ...], str]:
    """The verdict, the diff and what was not compared, where the original ran more than once."""
    found = compare((), runs[0], rewritten, REPORT, again=runs[1:])
    (point,) = [point for point in found.points if point.name == name]
    return point.verdict, point.diff, point.why


APART = ", where two runs of the original differ as well"
AS_WELL = "two runs of the original differ as well"


def test_what_the_original_does_differently_is_not_compared_and_the_rest_is() -> None:
    took = [run(f"n 1\ntook {n} s\nend\n") for n in range(3)]
    assert verdict_of("stdout", took[0], took[1], rewritten=took[2]) == ("same", (), f"apart from line 2{APART}")
    assert verdict_of("stderr", took[0], took[1], rewritten=took[2]) == ("same", (), "")
    wrong = run("n 2\ntook 2 s\nend\n")
    diff = ("@@ line 1", "-n 1", "+n 2", " took 0 s", " end")
    assert verdict_of("stdout", took[0], took[1], rewritten=wrong) == ("different", diff, "")


def test_where_every_line_differs_each_time_nothing_is_compared() -> None:
    assert verdict_of("stdout", run("1\n"), run("2\n"), rewritten=run("3\n")) == ("not compared", (), AS_WELL)


def test_an_exit_code_is_one_that_the_original_had() -> None:
    ones = run(code=1), run(code=1), run(code=0)
    assert verdict_of("exit code", *ones, rewritten=run(code=0)) == ("not compared", (), AS_WELL)
    for code in (139, 2, None):
        assert verdict_of("exit code", *ones, rewritten=run(code=code))[0] == "different"


def test_the_class_of_an_exception_is_one_that_the_original_had() -> None:
    one, two, other = (run(stderr=TRACEBACK.replace("ValueError: no", f"{name}: no")) for name in ("ValueError", "KeyError", "OSError"))
    assert verdict_of("exception", one, two, rewritten=two)[0] != "different"
    assert verdict_of("exception", one, two, rewritten=other)[0] == "different"


def test_a_run_with_pauses_shows_an_order_and_nothing_else() -> None:
    plain = with_state(run("a\nb\ntotal 2\n", files={"f": "1 x"}), {"n": "2"})
    paused = replace(plain, stdout=b"b\na\ntotal 2\n", files={"f": "2 x"}, paused=True)
    lost = replace(with_state(paused, {"n": "1"}), stdout=b"b\na\ntotal 1\n", files={"f": "3 y"}, exit_code=1)

    def different(rewritten: Outcome, paused: Outcome) -> list[str]:
        return [point.name for point in compare((), plain, rewritten, REPORT, again=(plain, paused)).points if not point.agrees]

    assert different(paused, paused) == []
    assert different(lost, lost) == ["stdout", "exit code", "files written", "final globals"]


def test_lines_that_only_the_rewritten_has_are_different() -> None:
    assert verdict_of("stdout", run("n 1\nt 1\n"), run("n 1\nt 2\n"), rewritten=run("n 1\nt 3\nx\n"))[0] == "different"


def test_what_is_stable_in_the_original_is_compared_all_the_same() -> None:
    first, again = run("1\n", code=0), with_state(run("2\n", code=0), STATE)
    assert not compare((), first, with_state(run("3\n", code=1), STATE), REPORT, again=(again,)).agrees


def test_messages_and_frames_that_the_original_has_different_are_not_compared() -> None:
    one, two, three = (run(stderr=TRACEBACK.replace("way\n", f"way at 0x{n}\n").replace("line 5", f"line {n}")) for n in range(3))
    assert verdict_of("exception", one, two, rewritten=three) == ("same", (), f"apart from line 2{APART}")
    assert verdict_of("frames", one, two, rewritten=three) == ("same", (), f"apart from line 2{APART}")
    other = run(stderr=TRACEBACK.replace("ValueError: no", "KeyError: no").replace("line 9", "line 8"))
    assert [verdict_of(name, one, two, rewritten=other)[0] for name in ("exception", "frames")] == ["different", "different"]


@pytest.mark.parametrize(
    ("one", "two", "rewritten", "told"),
    [
        pytest.param({"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "1", "b": "3"}, ("same", "apart from b"), id="contents"),
        pytest.param({"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "2", "b": "3"}, ("different", ""), id="another file's"),
        pytest.param({"a": "1", "t1": "1"}, {"a": "1", "t2": "1"}, {"a": "1", "t3": "1"}, ("same", "apart from t1 and t3"), id="names"),
        pytest.param({"a": "1", "t1": "1"}, {"a": "1", "t2": "1"}, {"a": "1"}, ("different", ""), id="a name too few"),
        pytest.param({"a": "1", "t1": "1"}, {"a": "1", "t2": "1"}, {"a": "1", "t3": "", "t4": ""}, ("different", ""), id="a name too many"),
        pytest.param({"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"b": "3"}, ("different", ""), id="one that was not written"),
    ],
)
def test_files_are_compared_one_by_one(one: dict[str, str], two: dict[str, str], rewritten: dict[str, str], told: tuple[str, str]) -> None:
    verdict, _, why = verdict_of("files written", run(files=one), run(files=two), rewritten=run(files=rewritten))
    assert (verdict, why.removesuffix(APART)) == told


THREAD = "T {name: 'T-1', ident: 7, alive: False}"


@pytest.mark.parametrize(
    ("one", "two", "rewritten", "told"),
    [
        pytest.param({"n": "1", "t": "7"}, {"n": "1", "t": "8"}, {"n": "1", "t": "9"}, ("same", "apart from t"), id="a plain global"),
        pytest.param({"n": "1", "t": "7"}, {"n": "1", "t": "8"}, {"n": "2", "t": "9"}, ("different", "n"), id="another global"),
        pytest.param({"n": "1", "t": "7"}, {"n": "1", "t": "8"}, {"n": "1"}, ("different", "t"), id="a global that is missing"),
        pytest.param({"n": "1", "t": "7"}, {"n": "1", "t": "8"}, {"n": "1", "t": "7", "m": "1"}, ("different", "m"), id="a new global"),
        pytest.param(
            {"n": "1", "t": THREAD},
            {"n": "1", "t": THREAD.replace("7", "8")},
            {"n": "1", "t": THREAD.replace("7", "9")},
            ("same", "apart from t (ident)"),
            id="an attribute",
        ),
        pytest.param(
            {"n": "1", "t": THREAD},
            {"n": "1", "t": THREAD.replace("7", "8")},
            {"n": "1", "t": THREAD.replace("7", "9").replace("False", "True")},
            ("different", "t"),
            id="another attribute of the same object",
        ),
        pytest.param(
            {"n": "1", "t": THREAD},
            {"n": "1", "t": THREAD.replace("7", "8")},
            {"n": "1", "t": THREAD.replace(", alive: False", "")},
            ("different", "t"),
            id="an attribute that is missing",
        ),
        pytest.param(
            {"n": "1", "t": THREAD, "t.rows": "list [1]"},
            {"n": "1", "t": THREAD.replace("7", "8"), "t.rows": "list [1]"},
            {"n": "1", "t": THREAD.replace("7", "9"), "t.rows": "list [2]"},
            ("different", "t.rows"),
            id="what an object holds that differs elsewhere",
        ),
        pytest.param(
            {"n": "1", "d": "dict {'at': 1.5, 'of': 2}"},
            {"n": "1", "d": "dict {'at': 2.5, 'of': 2}"},
            {"n": "1", "d": "dict {'at': 3.5, 'of': 3}"},
            ("different", "d"),
            id="another item of the same dictionary",
        ),
        pytest.param(
            {"n": "1", "xs": "list [&xs[0]]", "xs[0]": "list []"},
            {"n": "1", "xs": "list []"},
            {"n": "1", "xs": "list [&xs[0], &xs[1]]", "xs[0]": "list []", "xs[1]": "list []"},
            ("same", "apart from xs and xs[1]"),
            id="a list that is as long as it comes out",
        ),
        pytest.param(
            {"n": "1", "xs": "list [&xs[0]]", "xs[0]": "list []"},
            {"n": "1", "xs": "list [&xs[0]]", "xs[0]": "list []"},
            {"n": "1", "xs": "list [&xs[0], &xs[1]]", "xs[0]": "list []", "xs[1]": "list []"},
            ("different", "xs"),
            id="a list that is of one length",
        ),
    ],
)
def test_globals_are_compared_one_by_one(
    one: dict[str, str], two: dict[str, str], rewritten: dict[str, str], told: tuple[str, str]
) -> None:
    plain = run("1\n")
    verdict, diff, why = verdict_of(
        "final globals", plain, *(with_state(plain, s) for s in (one, two)), rewritten=with_state(plain, rewritten)
    )
    assert (verdict, diff[0].split(" = ")[0][1:] if diff else why.removesuffix(APART)) == told


def test_globals_are_compared_although_the_output_differs_from_run_to_run() -> None:
    runs = [with_state(run(f"{n}\n"), STATE) for n in range(3)]
    assert verdict_of("final globals", *runs, rewritten=with_state(run("4\n"), {**STATE, "app.n": "4"}))[0] == "different"


def test_a_refusal_says_why_and_is_no_agreement() -> None:
    refused = comparison(run("a\n"), run(stderr="faasify: app.py:3: no\n", code=2), {})
    assert (refused.refused, refused.agrees) == ("app.py:3: no", False)
    assert list(as_text(refused)) == ["  refused        app.py:3: no"]


def test_a_program_that_speaks_like_faasify_is_not_taken_for_a_refusal() -> None:
    same = run(stderr="faasify: no\n", code=2)
    assert comparison(same, same).refused == ""


def test_the_text_says_what_moved_and_what_ran_here() -> None:
    lines = list(as_text(comparison(run(), run())))
    assert "  moved          1 function, 2 calls: app.f" in lines
    assert "  ran here       app.f: VALUE at args.x (3x)" in lines


def test_the_json_holds_the_same() -> None:
    document = as_json(comparison(run(), run("x")))
    assert document["agrees"] is False
    stdout = {
        "name": "stdout",
        "verdict": "different",
        "agrees": False,
        "diff": ("@@ line 1", "+x  (no end of line)"),
        "why": "",
        "apart": (),
    }
    assert stdout in document["points"]
