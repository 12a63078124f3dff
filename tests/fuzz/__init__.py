"""Hostile input: whatever arrives is a value or one error, and runs nothing. See __main__ for how to run it longer."""
