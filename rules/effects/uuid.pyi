"""Unique identifiers."""

class UUID:
    def __init__(self, *args, **kwargs) -> Pure: ...
    hex: Returns[str]
    urn: Returns[str]
    variant: Returns[str]
    int: Returns[int]
    version: Returns[int]
    time: Returns[int]
    clock_seq: Returns[int]
    node: Returns[int]
    bytes: Returns[bytes]
    bytes_le: Returns[bytes]
def uuid4() -> Touches[entropy] | Returns[UUID]: ...
def uuid1(node=None, clock_seq=None) -> Writes[hidden.random] | Reads[hidden.random] | Touches[clock] | Touches[processes] | Returns[UUID]: ...
def uuid3(namespace, name) -> Returns[UUID]: ...
def uuid5(namespace, name) -> Returns[UUID]: ...
def getnode() -> Touches[processes] | Returns[int]: ...
NAMESPACE_DNS: Returns[UUID]
NAMESPACE_URL: Returns[UUID]
NAMESPACE_OID: Returns[UUID]
NAMESPACE_X500: Returns[UUID]
