"""`make demo`: two plain programs, analysed, rewritten, run on the embedded runtime, and compared with their originals."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent


def faasify(*words):
    """Show a command as one would type it, run it, and give back its exit code."""
    print(f"\n$ faasify {shlex.join(words)}", flush=True)
    return subprocess.run([sys.executable, "-m", "faasify", *words], cwd=EXAMPLES, stdin=subprocess.DEVNULL).returncode


def main():
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")

    print("\n-- A program that reads a text and counts its words: what can move, what stays, and why")
    failed = faasify("analyze", "word_counts/app.py")

    print("\n-- The same program, its functions in another process")
    failed += faasify("run", "--placement", "remote", "word_counts/app.py")

    print("\n-- Original and rewritten side by side, with every function a unit of its own")
    failed += faasify("verify", "--select", "all", "word_counts/app.py")

    print("\n-- A program that computes: eight million darts thrown at a square")
    failed += faasify("analyze", "montecarlo_pi/app.py")
    failed += faasify("verify", "montecarlo_pi/app.py", "1000000")

    print("\nThe demo failed." if failed else "\nBoth programs said the same as their originals.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
