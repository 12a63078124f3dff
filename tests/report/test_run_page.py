"""The page and the trace of `run --report`: what a browser really shows of them."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faasify.report.run_page import html, main, size, trace
from tests.conftest import ROOT, Run

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def attempt(unit: str, worker: int, start: float, end: float, outcome: str = "done") -> dict[str, Any]:
    return {"unit": unit, "worker": worker, "start_s": start, "end_s": end, "outcome": outcome, "bytes_sent": 1200, "bytes_received": 80}


def unit(calls: int = 2, **others: Any) -> dict[str, Any]:
    facts = {"calls_remote": calls, "calls_here": 1, "seconds_remote": 0.5, "bytes_sent": 2400, "bytes_received": 160, "retries": 1}
    return {**facts, "fallbacks": [], "placement": "everything that can go is sent", **others}


REPORT: dict[str, Any] = {
    "version": 1,
    "program": "a </script><b>.py",
    "wall_s": 1.25,
    "units": {
        "app.f": unit(fallbacks=[{"reason": "value: an open file", "path": "args.cfg['log']", "count": 3}]),
        "app.<lambda>": unit(1, seconds_remote=0.1),
    },
    "functions_remote": ["app.f", "app.helper"],
    "timeline": {
        "attempts": [
            attempt("app.f", 41, 0.1, 0.4),
            attempt("app.<lambda>", 42, 0.2, 0.3),
            attempt("app.f", 41, 0.5, 0.6, "WorkerDied: its worker is gone: killed by signal 9"),
        ],
        "left_out": 7,
    },
}


@pytest.fixture
def shown(tmp_path: Path) -> Callable[..., str]:
    """The document that a headless browser has made of a page, after its script ran."""
    if BROWSER is None:
        pytest.skip("no chromium here")

    def show(page: str, script: str = "") -> str:
        file = tmp_path / "page.html"
        file.write_text(page.replace("</body>", f"<script>{script}</script></body>"))
        folder = tmp_path / "browser"
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--window-size=1200,900", "--dump-dom"]
        command = [BROWSER, *options, f"--user-data-dir={folder}", f"file://{file}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return show


def test_the_page_is_one_file_and_everything_in_it_is_escaped() -> None:
    page = html(REPORT)
    assert re.search(r"(src|href)=|@import|url\(", page) is None
    assert "</script><b>" not in page and "app.<lambda>" not in page
    assert "args.cfg[&#39;log&#39;]" in page and "7 more calls are not drawn" in page


def test_a_browser_draws_a_lane_for_each_worker_and_a_bar_for_each_call(shown: Callable[..., str]) -> None:
    document = shown(html(REPORT))
    assert document.count('class="lane"') == 2
    bars = re.findall(r'<rect class="(call[^"]*)" x="([\d.]+)" y="(\d+)" width="([\d.]+)"', document)
    assert [(kind, y) for kind, _, y, _ in bars] == [("call", "5"), ("call", "31"), ("call lost", "5")]
    first, second, third = ((float(x), float(width)) for _, x, _, width in bars)
    assert first[0] < second[0] < third[0]
    assert first[1] == pytest.approx(3 * second[1]) == pytest.approx(3 * third[1])


def test_a_click_on_a_unit_picks_out_its_calls(shown: Callable[..., str]) -> None:
    document = shown(html(REPORT), 'document.querySelector("tr.unit[data-unit=\\"app.f\\"]").click();')
    assert re.findall(r'<rect class="(call[^"]*)"', document) == ["call", "call faded", "call lost"]


def test_the_wheel_zooms(shown: Callable[..., str]) -> None:
    turn = "svg.dispatchEvent(new WheelEvent('wheel', {deltaY: -100, clientX: svg.getBoundingClientRect().left + LEFT}));"
    documents = shown(html(REPORT)) + shown(html(REPORT), turn)
    widths = [float(width) for width in re.findall(r'class="call" x="[\d.]+" y="5" width="([\d.]+)"', documents)]
    assert widths[1] == pytest.approx(widths[0] / 0.8)


def test_a_run_without_remote_calls_has_a_page_too(shown: Callable[..., str]) -> None:
    document = shown(html({**REPORT, "units": {}, "timeline": {"attempts": [], "left_out": 0}, "functions_remote": []}))
    assert "No call was sent to a worker." in document and "No function of this program is a unit." in document


def test_the_trace_has_a_thread_for_each_worker() -> None:
    events = trace(REPORT)["traceEvents"]
    assert [e["args"]["name"] for e in events if e["ph"] == "M"] == ["a </script><b>.py", "worker 1", "worker 2"]
    calls = [e for e in events if e["ph"] == "X"]
    assert [(e["name"], e["tid"], round(e["ts"]), round(e["dur"])) for e in calls][0] == ("app.f", 41, 100_000, 300_000)
    assert calls[2]["args"]["outcome"].startswith("WorkerDied")


def test_the_ending_of_the_name_decides(tmp_path: Path) -> None:
    source = tmp_path / "report.json"
    source.write_text(json.dumps(REPORT))
    main(str(source), str(tmp_path / "run.html"))
    main(str(source), str(tmp_path / "run.trace.json"))
    assert (tmp_path / "run.html").read_text().startswith("<!doctype html>")
    assert len(json.loads((tmp_path / "run.trace.json").read_text())["traceEvents"]) == 6


def test_sizes() -> None:
    assert [size(n) for n in (0, 999, 1000, 1_234_567, 5e12)] == ["0 B", "999 B", "1.0 kB", "1.2 MB", "5000.0 GB"]


PROGRAM = """
import sys
seen = []
def f(n):
    seen.append(n)
    print(n)
    return n + 1
def main():
    for n in range(3):
        f(n)
    print(f("x") if len(sys.argv) > 1 else seen)
main()
"""


def test_a_run_writes_all_that_it_is_asked_for(faasify: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    options = ["--select", "app.f", "--placement", "remote", "--report", "r.json", "--report", "r.html", "--report", "r.trace.json"]
    done = faasify("run", *options, "app.py", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n1\n2\n[0, 1, 2]\n", "")
    report = json.loads((tmp_path / "r.json").read_text())
    attempts = report["timeline"]["attempts"]
    assert [(a["unit"], a["outcome"]) for a in attempts] == [("app.f", "done")] * 3
    assert all(a["worker"] > 1 and 0 < a["start_s"] < a["end_s"] < report["wall_s"] for a in attempts)
    assert sum(a["bytes_sent"] for a in attempts) == report["units"]["app.f"]["bytes_sent"] > 0
    assert sum(a["bytes_received"] for a in attempts) == report["units"]["app.f"]["bytes_received"] > 0
    assert "app.f" in (tmp_path / "r.html").read_text()
    assert len([e for e in json.loads((tmp_path / "r.trace.json").read_text())["traceEvents"] if e["ph"] == "X"]) == 3


PAUSING = """
import asyncio
def numbers(n):
    for i in range(n):
        yield sum(range(10_000)) + i
async def work(n):
    return sum(range(200_000)) + n
async def main():
    print(await asyncio.gather(*map(work, range(3))))
def sent():
    got = yield 1
    yield got
print(list(numbers(3)))
print(next(numbers(3)))
asyncio.run(main())
s = sent()
print(next(s), s.send(2))
"""


def test_a_generator_or_coroutine_is_one_stretch_of_the_timeline(faasify: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PAUSING)
    select = ["--select", "app.numbers,app.work,app.sent", "--placement", "remote"]
    done = faasify("run", *select, "--report", "r.json", "--progress", "app.py", cwd=tmp_path)
    assert done.stdout == subprocess.run([sys.executable, "app.py"], cwd=tmp_path, capture_output=True, text=True).stdout
    report = json.loads((tmp_path / "r.json").read_text())
    attempts = report["timeline"]["attempts"]
    told = [(a["unit"], a["outcome"]) for a in attempts if a["unit"] != "app.work"]
    assert told[:2] == [("app.numbers", "done")] * 2 and told[2][0] == "app.sent" and told[2][1] != "done"  # a value was sent into it
    assert [a["outcome"] for a in attempts if a["unit"] == "app.work"] == ["done"] * 3
    for name, unit in report["units"].items():
        assert sum(a["bytes_sent"] for a in attempts if a["unit"] == name) == unit["bytes_sent"] > 0
        assert sum(a["bytes_received"] for a in attempts if a["unit"] == name) == unit["bytes_received"] > 0
    assert all(a["worker"] > 1 and 0 < a["start_s"] < a["end_s"] < report["wall_s"] for a in attempts)
    assert re.fullmatch(r"(faasify: \d+ calls done, [\d.]+ MB, in flight: [a-z., ]+\n)+", done.stderr)


def test_progress_is_told_on_stderr_and_nowhere_else(faasify: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    done = faasify("run", "--select", "app.f", "--placement", "remote", "--progress", "app.py", cwd=tmp_path)
    assert done.stdout == "0\n1\n2\n[0, 1, 2]\n"
    assert re.fullmatch(r"(faasify: \d+ calls done, [\d.]+ MB, in flight: app\.f\n)+", done.stderr)


def test_progress_on_a_terminal_is_one_line_that_goes_away(faasify: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    faasify("run", "--select", "app.f", "--placement", "remote", "app.py", cwd=tmp_path)  # builds it
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "faasify", "run", "--select", "app.f", "--placement", "remote", "--progress", "app.py"]
    done = subprocess.run(command, cwd=tmp_path, stderr=slave, stdout=subprocess.PIPE, env=environment, timeout=60)
    os.close(slave)
    told = os.read(master, 65536).decode()
    os.close(master)
    assert done.stdout == b"0\n1\n2\n[0, 1, 2]\n"
    assert told.startswith("\r\x1b[Kfaasify: 0 calls done, 0.0 MB, in flight: app.f")
    assert told.endswith("\r\x1b[K") and "\n" not in told


@pytest.mark.parametrize("name", ["report.xml", "nowhere/report.html"])
def test_a_report_that_cannot_be_is_refused_before_the_run(name: str, faasify: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('ran')\n")
    done = faasify("run", "--report", name, "app.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"faasify: --report {name}: ")
