"""From the command line of `run` to the rewritten program in this process's place. A layer between `cli` and `pipeline`."""

from faasify.launch.execute import execute, start_unchanged
from faasify.launch.options import RunOptions, build_options, parse

__all__ = ["RunOptions", "build_options", "execute", "parse", "start_unchanged"]
