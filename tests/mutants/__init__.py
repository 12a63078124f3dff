"""The tests can fail: bugs put into a copy of the tree, one at a time, and who notices. `make mutants` asks all of them."""
