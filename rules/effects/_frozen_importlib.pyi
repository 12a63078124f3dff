"""Where the specification of a module is defined."""

from importlib.machinery import ModuleSpec as ModuleSpec
