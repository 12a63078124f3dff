"""Python's tokens. The source is read by the function that is given.

    generate_tokens(io.StringIO(text).readline)     calls that readline as the tokens are asked for
"""

def tokenize(readline) -> Returns[generator] | Calls[readline]: ...
def generate_tokens(readline) -> Returns[generator] | Calls[readline]: ...
def untokenize(iterable) -> Returns[str] | Returns[bytes] | Calls[iterable.__iter__]: ...
def detect_encoding(readline) -> Returns[tuple] | Calls[readline]: ...
def open(filename) -> Touches[files] | Returns[io.TextIOWrapper]: ...
class TokenInfo(tuple):
    type: Returns[int]
    string: Returns[str]
    start: Returns[tuple]
    end: Returns[tuple]
    line: Returns[str]
class TokenError(Exception): ...
ENCODING: Returns[int]
COMMENT: Returns[int]
NAME: Returns[int]
NUMBER: Returns[int]
STRING: Returns[int]
OP: Returns[int]
NEWLINE: Returns[int]
NL: Returns[int]
INDENT: Returns[int]
DEDENT: Returns[int]
ENDMARKER: Returns[int]
ERRORTOKEN: Returns[int]
tok_name: Returns[dict]
