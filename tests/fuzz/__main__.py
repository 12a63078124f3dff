"""Fuzzes one target, with damages from a seed or guided by coverage (`pip install atheris`).

    python -m tests.fuzz graph --mutations 20000 --seed 3
    python -m tests.fuzz graph --seconds 60 [--corpus FOLDER]

Exit code 1 and the input (as a file beside) when something is raised that must not be. Memory is limited: what a damaged message asks
for is then an error like any other.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
from pathlib import Path

GIGABYTES = 1


def by_seed(name: str, count: int, seed: int) -> int:
    """The number of damaged inputs that were taken all the same."""
    from faasify.runtime.unit.codec import MAKERS, load_types
    from tests.fuzz.mutations import mutated
    from tests.fuzz.targets import TARGETS, run, seeds

    load_types()
    draw, begin, tags, taken = random.Random(seed), seeds(name), sorted({"I", "p", *MAKERS}), 0
    for data in begin:
        run(TARGETS[name], data)
    for _ in range(count):
        data = mutated(draw.choice(begin), draw, tags=tags)
        try:
            taken += run(TARGETS[name], data)
        except BaseException:
            Path(tempfile.gettempdir(), f"faasify-fuzz-{name}").write_bytes(data)
            print(f"{name}: {data!r}", file=sys.stderr)
            raise
    return taken


def by_coverage(name: str, seconds: int, corpus: str | None) -> None:
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    with atheris.instrument_imports(include=["faasify"]):
        from faasify.runtime.unit.codec import MAKERS, load_types
        from tests.fuzz.mutations import mutated
        from tests.fuzz.targets import TARGETS, run, seeds

    load_types()
    tags = sorted({"I", "p", *MAKERS})
    with tempfile.TemporaryDirectory() as made:
        folder = Path(corpus or made)
        folder.mkdir(exist_ok=True)
        for i, data in enumerate(seeds(name)):
            (folder / f"seed{i}").write_bytes(data)
        options = [
            sys.argv[0],
            f"-max_total_time={seconds}",
            "-max_len=8192",
            f"-rss_limit_mb={GIGABYTES * 1024}",
            "-timeout=60",
            str(folder),
        ]

        def damaged(data: bytes, size: int, seed: int) -> bytes:
            """JSON is damaged as a tree, or most of it would be none; the rest as the fuzzer likes."""
            draw = random.Random(seed)
            try:
                return mutated(bytes(data), draw, tags=tags)[:size]
            except (ValueError, RecursionError):
                return bytes(atheris.Mutate(data, size))

        structured = name in ("graph", "edits", "plain")
        atheris.Setup(options, lambda data: run(TARGETS[name], data) and None, **({"custom_mutator": damaged} if structured else {}))
        atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=["message", "piece", "graph", "edits", "plain"])
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, help="guided by coverage, that long")
    parser.add_argument("--corpus", help="folder where inputs are kept from run to run")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES << 30, GIGABYTES << 30))
    if chosen.seconds:
        by_coverage(chosen.target, chosen.seconds, chosen.corpus)
    else:
        taken = by_seed(chosen.target, chosen.mutations, chosen.seed)
        print(f"{chosen.target}: {chosen.mutations} damaged inputs, {taken} of them taken, the others refused")


if __name__ == "__main__":
    main()
