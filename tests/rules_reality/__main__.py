"""The child process of the reality check; see `calls`."""

import sys

from tests.rules_reality.calls import main

main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
