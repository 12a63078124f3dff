"""How results are shown; `python -m shapes 4` changes the digits."""

digits = 2
