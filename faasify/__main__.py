"""`python -m faasify` is the `faasify` command."""

from faasify.cli import main

if __name__ == "__main__":
    main()
