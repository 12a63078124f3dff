"""What ran where in one run: kept in memory, written as JSON at the end (`run --report`)."""

from __future__ import annotations

import os
from time import perf_counter
from typing import Any


class UnitStats:
    def __init__(self) -> None:
        self.remote = self.here = self.retries = self.sent = self.received = 0
        self.seconds = 0.0
        self.fallbacks: dict[tuple[str, str], int] = {}

    def remote_call(self, elapsed: float, computing: float) -> None:
        self.remote += 1
        self.seconds += elapsed

    def fallback(self, kind: str, what: str) -> None:
        path, found, why = what.partition(": ") if what.startswith("args.") else ("", "", what)
        key = (f"{kind}: {why if found or not path else what}", path)
        self.fallbacks[key] = self.fallbacks.get(key, 0) + 1


class Report:
    def __init__(self) -> None:
        self.started = perf_counter()
        self.units: dict[str, UnitStats] = {}
        self.ran: set[str] = set()
        self.reasons: dict[str, Any] = {}
        self.pid = os.getpid()

    def unit(self, name: str) -> UnitStats:
        return self.units.setdefault(name, UnitStats())

    def as_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "wall_s": round(perf_counter() - self.started, 6),
            "units": {
                name: {
                    "calls_remote": s.remote,
                    "calls_here": s.here,
                    "seconds_remote": round(s.seconds, 6),
                    "bytes_sent": s.sent,
                    "bytes_received": s.received,
                    "retries": s.retries,
                    "fallbacks": [{"reason": reason, "path": path, "count": n} for (reason, path), n in s.fallbacks.items()],
                    "placement": self.reasons[name]() if name in self.reasons else "",
                }
                for name, s in sorted(self.units.items())
            },
            "functions_remote": sorted(self.ran),
        }

    def write(self, path: str) -> None:
        """Write the JSON; only in the process that began the run, not in one forked off it."""
        if os.getpid() != self.pid:
            return
        import json

        text = json.dumps(self.as_json(), indent=1)
        try:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        except OSError:
            if os.path.isfile(path):
                os.unlink(path)  # half of one
            raise
