"""What carrying a value costs, against `json`, `pickle` and ProcessPoolExecutor in one run: `python paper/bench/codec.py -o FILE.json`.

The first table is CPU time of encoding, the bytes of the message and decoding, against the same value through `json.dumps` and
`json.loads` (instances: through pickle, protocol 5). The second is a value of 1 MB there and back through the whole stub, wall time,
against ProcessPoolExecutor; the last line what the envelope of a tiny call costs. Both sides of a ratio are measured in turns; the least
of many repetitions counts, because other programs on the machine only ever add to it.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bench
import ratios
from bench import keep, machine, programs

from faasify.runtime.caller.world import CallerWorld
from faasify.runtime.unit import integers, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import Decoder, Encoder, load_types
from faasify.runtime.unit.loaded import UnitWorld

sys.path.insert(0, str(Path(__file__).parent / "programs"))
import echo  # type: ignore[import-not-found]  # noqa: E402

SIZE = 1_000_000
PROGRAM = """
class Node:
    def __init__(self, value):
        self.value, self.left, self.right = value, None, None

def add(a, b):
    return a + b
"""
LIMITS = {"floats": 0.2, "integers of 3 digits": 0.2, "integers of 9 digits": 0.2, "integers of 18 digits": 0.2, "text": 1.2}
LIMITS |= {"nested dicts": 3.0, "10,000 instances": 8.0}
ENVELOPE_US = 15.0
AGAINST_POOL = {"floats": 1.0, "bytes": 1.0, "dicts": 3.0}


class Sides:
    """The worlds of caller and unit for one small program, in one process."""

    def __init__(self) -> None:
        load_types()
        manifest = {"imports": [], "library": [], "modules": {"node": {"import_name": "node", "file": "node.py"}}}
        self.caller, self.unit = CallerWorld(manifest), UnitWorld(manifest)
        code, again = (compile(PROGRAM, "node.py", "exec") for _ in range(2))
        self.module = ModuleType("node")
        self.caller.add("node", self.module, code)
        self.unit.modules["node"] = ModuleType("node")
        self.unit.codes.add("node", again)
        for world in (self.caller, self.unit):
            world.inspects_annotations = False
        sys.modules["node"] = self.module  # pickle looks its class up there
        exec(code, vars(self.module))

    def encoded(self, *values: Any) -> bytes:
        enc = Encoder(self.caller)
        message = wire.dumps([[enc.root(value) for value in values], enc.finish()])
        return message if isinstance(message, bytes) else b"".join(message)

    def decoded(self, data: bytes) -> Decoder:
        roots, nodes = wire.loads(data)
        dec = Decoder(self.unit, nodes)
        dec.run()
        dec.values(roots)
        return dec

    def instances(self, count: int) -> list[Any]:
        """A graph: each refers to two others."""
        made = [vars(self.module)["Node"](i) for i in range(count)]
        for i, node in enumerate(made):
            node.left, node.right = made[(2 * i + 1) % count], made[(7 * i + 3) % count]
        return made


def least(repetitions: int, *calls: Callable[[], object]) -> list[float]:
    """Least CPU seconds of each, the calls taking turns."""
    found = [float("inf")] * len(calls)
    for _ in range(repetitions):
        for i, call in enumerate(calls):
            start = time.process_time()
            call()
            found[i] = min(found[i], time.process_time() - start)
    return found


def values(sides: Sides) -> dict[str, Any]:
    draw = random.Random(1)
    whole = {digits: [draw.randrange(10 ** (digits - 1), 10**digits) for _ in range(SIZE // (digits + 2))] for digits in (3, 9, 18)}
    return {
        "floats": echo.payload("floats", SIZE),
        **{f"integers of {digits} digits": numbers for digits, numbers in whole.items()},
        "text": ["".join(draw.choices("abcdefghij", k=12)) for _ in range(SIZE // 16)],
        "nested dicts": echo.payload("dicts", SIZE),
        "10,000 instances": sides.instances(10_000),
    }


def codec(repetitions: int) -> list[dict[str, Any]]:
    """One row for each kind of value: seconds and ratios."""
    sides = Sides()
    sys.setrecursionlimit(100_000)  # for pickle, which descends into the graph of instances
    rows = []
    for name, value in values(sides).items():
        data = sides.encoded(value)
        if name.endswith("instances"):
            text = pickle.dumps(value, 5)
            other: list[Callable[[], object]] = [lambda value=value: pickle.dumps(value, 5), lambda text=text: pickle.loads(text)]
        else:
            text = json.dumps(value)
            other = [lambda value=value: json.dumps(value), lambda text=text: json.loads(text)]
        dec = sides.decoded(data)
        before = Before.of(dec, sides.unit.is_program_class)
        assert before.same()
        ours: list[Callable[[], object]] = [
            lambda value=value: sides.encoded(value),
            lambda data=data: sides.decoded(data),
            lambda dec=dec: Before.of(dec, sides.unit.is_program_class),
            before.same,
        ]
        write, read, *mine = least(repetitions, *other, *ours)
        row = dict(zip(("encode_s", "decode_s", "snapshot_s", "compare_s"), mine, strict=True))
        rows.append(
            {
                "value": name,
                "against": "pickle" if name.endswith("instances") else "json",
                "against_s": write + read,
                **row,
                "bytes": len(data),
                "against_bytes": len(text),
                "ratio": (row["encode_s"] + row["decode_s"]) / (write + read),
                "limit": LIMITS[name],
            }
        )
    return rows


def in_python(repetitions: int) -> dict[str, float]:
    """The ratios of lists of integers where faasify was installed without a compiler."""
    sides, found, compiled = Sides(), {}, integers.compiled
    integers.compiled = None
    for name, value in values(sides).items():
        if name.startswith("integers"):
            calls = (value, json.dumps(value), sides.encoded(value))
            write, parse, *mine = least(
                repetitions,
                lambda calls=calls: json.dumps(calls[0]),
                lambda calls=calls: json.loads(calls[1]),
                lambda calls=calls: sides.encoded(calls[0]),
                lambda calls=calls: sides.decoded(calls[2]),
            )
            found[name] = sum(mine) / (write + parse)
    integers.compiled = compiled
    return found


def envelope(calls: int) -> dict[str, float]:
    """Microseconds of a warm `add(1, 2)` through the whole stub, of 64 bytes there and back over the same transport, and what is between
    them for each way: writing, reading and looking after the message, here and in the unit. The fastest tenth of the calls counts."""
    stub, bare = bench.stub(calls, 2)["stub_call"]["p10_us"], bench.transport(calls)["p10_us"]
    return {"stub_us": stub, "transport_us": bare, "each_way_us": (stub - bare) / 2, "limit_us": ENVELOPE_US}


def show(results: dict[str, Any]) -> None:
    print(f"{'1 MB, ms of CPU':<24}{'encode':>8}{'decode':>8}{'against':>16}{'ratio':>8}{'limit':>8}{'snapshot':>10}{'compare':>9}")
    for row in results["codec"]:
        against = f"{row['against']} {1e3 * row['against_s']:.1f}"
        mine = "".join(f"{1e3 * row[key]:>8.2f}" for key in ("encode_s", "decode_s"))
        rest = "".join(f"{1e3 * row[key]:>{width}.2f}" for key, width in (("snapshot_s", 10), ("compare_s", 9)))
        print(f"{row['value']:<24}{mine}{against:>16}{row['ratio']:>8.2f}{row['limit']:>8}{rest}")
    print("without a compiler" if results["compiled"] else "no compiler here", end=": ")
    print(", ".join(f"{name} {ratio:.2f}" for name, ratio in results["in_python"].items()))
    if results["stub"]:
        print(f"\n{'1 MB there and back, ms':<24}{'stub':>8}{'pool':>8}{'ratio':>8}{'limit':>8}")
    for row in results["stub"]:
        print(f"{row['value']:<24}{1e3 * row['stub_s']:>8.2f}{1e3 * row['pool_s']:>8.2f}{row['ratio']:>8.2f}{row['limit']:>8}")
    small = results["envelope"]
    print(f"\nenvelope of a tiny call, us each way: {small['each_way_us']:.1f}, limit {small['limit_us']:.0f}", end="")
    print(f" (a warm call {small['stub_us']:.1f}, of which transport {small['transport_us']:.1f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--repetitions", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3, help="of the second table; 0 leaves it out, on a machine that does other things")
    parser.add_argument("--calls", type=int, default=15)
    chosen = parser.parse_args()
    results: dict[str, Any] = {
        "machine": machine(),
        "codec": codec(chosen.repetitions),
        "envelope": envelope(2000),
        "compiled": integers.compiled is not None,
        "in_python": in_python(chosen.repetitions),
    }
    with programs() as folder:
        results["stub"] = ratios.through_the_stub(folder, chosen.rounds, chosen.calls) if chosen.rounds else []
    show(results)
    keep(results, chosen.output)


if __name__ == "__main__":
    main()
