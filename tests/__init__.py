"""The tests mirror faasify/; tests/harness.py runs whole programs in both forms."""
