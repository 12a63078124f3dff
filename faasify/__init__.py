"""faasify: a plain Python program in, a drop-in replacement whose functions run elsewhere out."""

__version__ = "0.1.0"
