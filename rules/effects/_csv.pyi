"""Where the classes of csv are defined."""

from csv import Reader as Reader
from csv import Writer as Writer
from csv import Dialect as Dialect
