"""The handlers made for Lambda answer the same under AWS's own runtime client and emulator as on the embedded runtime.

`make rie` puts `awslambdaric` and the Runtime Interface Emulator (the binary is in the package `aws-sam-cli`) into `.venvs/rie`; without
them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from faasify.errors import UsageError
from faasify.localcloud import invoke
from tests.conftest import ROOT

VENV = Path(os.environ.get("FAASIFY_RIE", ROOT / ".venvs" / "rie"))
EMULATORS = sorted(VENV.glob("lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"))
PATH = "/2015-03-31/functions/function/invocations"
START_S = 60.0

pytestmark = [
    pytest.mark.rie,
    pytest.mark.skipif(not EMULATORS, reason="no Runtime Interface Emulator: make rie"),
]

EVENTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a number": ("fibonacci", "app.fib", {"x": 10}),
    "output": ("fibonacci", "app.main", {"n": 5}),
    "an exception": ("fibonacci", "app.fib", {"x": "ten"}),
    "a missing parameter": ("fibonacci", "app.fib", {}),
    "a parameter that it lacks": ("fibonacci", "app.fib", {"x": 1, "y": 2}),
    "a tag that does not exist": ("fibonacci", "app.fib", {"x": {"$nonsense": 1}}),
    "too deep a recursion": ("fibonacci", "app.fib", {"x": 100_000}),
    "a value that JSON lacks": ("crash", "app.average", {"prices": [12, 8, 1]}),
    "tagged arguments": ("crash", "app.average", {"prices": {"$tuple": [1, {"$fractions.Fraction": [1, 3]}]}}),
    "an exception with a cause": ("crash", "app.part_of", {"guest": "Carol"}),
    "a KeyError": ("crash", "app.part_of", {"guest": "Zoë"}),
    "output and a changed global": ("crash", "app.settle", {"guest": "Ada"}),
    "a Counter": ("word_counts", "app.count", {"words": ["a", "bœuf", "bœuf", "\U0001f600"]}),
    "nested containers": ("word_counts", "app.neighbours", {"words": ["boat", "sea", "boat"]}),
    "hidden state": ("montecarlo_pi", "app.throw", {"seed": 1, "darts": 100}),
    "a tuple": ("montecarlo_pi", "app.estimate", {"batches": 2, "darts": 50}),
    "an object": ("bank", "app.Account.deposit", {"self": 1, "amount": 5}),
    "a package": ("shapes", "shapes.draw.row", {}),
}
EXAMPLES = sorted({example for example, _, _ in EVENTS.values()})


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every example with all its units, by name."""
    from faasify import pipeline
    from faasify.pipeline import Request

    made = {}
    for example in EXAMPLES:
        folder = ROOT / "examples" / example
        program, kind = ("app.py", None) if (folder / "app.py").exists() else (example, "module")
        made[example] = tmp_path_factory.mktemp(example) / "build"
        pipeline.transform(Request(program, kind, "all", (), folder), made[example])
    return made


Ask = Callable[[str, str, dict[str, Any]], Any]


@pytest.fixture
def emulator(builds: dict[str, Path]) -> Iterator[Ask]:
    """Starts a unit's handler under the emulator, and sends it an event."""
    running = []

    def ask(example: str, unit: str, event: dict[str, Any]) -> Any:
        bundle = builds[example] / ".faasify"
        folder = bundle / json.loads((bundle / "manifest.json").read_text())["units"][unit]["folder"]
        port = free_port()
        address = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", f"127.0.0.1:{free_port()}"]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "PYTHONPATH": str(ROOT),
            "LAMBDA_TASK_ROOT": str(folder),
            "AWS_LAMBDA_FUNCTION_NAME": "function",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        }
        client = [str(VENV / "bin" / "python"), "-m", "awslambdaric", "handler.handler"]
        command = [str(EMULATORS[0]), "--log-level", "error", *address, *client]
        running.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return post(port, json.dumps(event).encode())

    yield ask
    for process in running:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def post(port: int, body: bytes) -> Any:
    """The answer, once the emulator listens."""
    end = time.monotonic() + START_S
    request = urllib.request.Request(f"http://127.0.0.1:{port}{PATH}", body)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=START_S) as answer:
                return json.loads(answer.read())
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def embedded(build: Path, unit: str, event: dict[str, Any]) -> Any:
    """The embedded runtime's answer; there, an event that the unit does not take is the user's error."""
    try:
        return invoke(str(build), unit, event)
    except UsageError as error:
        return {"EventError": str(error).partition("\n")[0]}


def lambdas(answer: Any) -> Any:
    error = answer.get("error", {})
    return {"EventError": error["message"]} if error.get("type") == "EventError" and "parameters" in error else answer


@pytest.mark.parametrize("name", EVENTS)
def test_a_unit_answers_the_same_under_the_client_of_lambda(builds: dict[str, Path], emulator: Ask, name: str) -> None:
    example, unit, event = EVENTS[name]
    answer = lambdas(emulator(example, unit, event))
    assert answer == embedded(builds[example], unit, event)
    assert "errorMessage" not in answer  # what the client says of a handler that raised


def test_events_are_independent_of_each_other(builds: dict[str, Path], emulator: Ask) -> None:
    """One environment serves many events; a global that one changed is as it was for the next."""
    bundle = builds["fibonacci"] / ".faasify"
    folder = bundle / json.loads((bundle / "manifest.json").read_text())["units"]["app.main"]["folder"]
    script = "import json, handler; print(json.dumps([handler.handler({'n': 3}) for _ in range(2)]))"
    python = [str(VENV / "bin" / "python"), "-c", script]
    done = subprocess.run(python, cwd=folder, env={"PYTHONPATH": f"{ROOT}:{folder}"}, capture_output=True, check=True)
    first, second = json.loads(done.stdout)
    assert first == second == emulator("fibonacci", "app.main", {"n": 3})
