"""Where importlib.machinery's parts are defined."""

from importlib.machinery import SourceFileLoader as SourceFileLoader
from importlib.machinery import ExtensionFileLoader as ExtensionFileLoader
from importlib.machinery import PathFinder as PathFinder
from importlib.machinery import FileFinder as FileFinder
