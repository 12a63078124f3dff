"""Where the views of dictionaries are defined."""

from builtins import dict_items as dict_items
from builtins import dict_keys as dict_keys
from builtins import dict_values as dict_values
