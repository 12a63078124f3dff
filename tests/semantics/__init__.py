"""See tests/harness.py for how a test is read."""
