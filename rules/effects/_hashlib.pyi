"""Where the classes of hashlib are defined."""

from hashlib import Hash as HASH
from hashlib import Hash as HASHXOF
