"""Numbers that describe scopes; symtable gives them names."""

USE: Returns[int]
DEF_GLOBAL: Returns[int]
DEF_NONLOCAL: Returns[int]
DEF_LOCAL: Returns[int]
DEF_PARAM: Returns[int]
DEF_IMPORT: Returns[int]
DEF_BOUND: Returns[int]
DEF_ANNOT: Returns[int]
SCOPE_OFF: Returns[int]
SCOPE_MASK: Returns[int]
FREE: Returns[int]
LOCAL: Returns[int]
GLOBAL_IMPLICIT: Returns[int]
GLOBAL_EXPLICIT: Returns[int]
CELL: Returns[int]
def symtable(source, filename, startstr, /) -> Pure: ...
