"""Library objects that values of everyday types refer to without the program's source naming them: they may always be referred to."""

from __future__ import annotations

_BY_MODULE = {
    "__future__": "annotations",
    "abc": "ABC ABCMeta",
    "argparse": "Namespace",
    "builtins": """
        object.__new__ object.__init__ int.__new__ int.__repr__ int.__format__ str.__new__ str.__format__ str.__str__
        int.__str__
    """,
    "collections": "ChainMap Counter OrderedDict UserDict UserList UserString defaultdict deque namedtuple",
    "contextlib": "suppress",
    "dataclasses": "Field MISSING KW_ONLY _FIELD _FIELD_CLASSVAR _FIELD_INITVAR _HAS_DEFAULT_FACTORY",
    "enum": """
        CONFORM CONTINUOUS EJECT Enum Enum.__new__ Enum.__reduce_ex__ Enum.__repr__ Enum.__str__ Enum.__format__
        Enum._missing_ Enum._generate_next_value_ EnumType Flag Flag.__reduce_ex__ Flag._missing_ Flag._generate_next_value_
        Flag.__repr__ Flag.__str__ Flag.__or__ Flag.__and__ Flag.__xor__ Flag.__invert__ Flag.__contains__ Flag.__iter__
        Flag.__len__ Flag.__bool__ Flag._numeric_repr_ Flag._iter_member_by_value_ Flag._iter_member_by_def_ IntEnum IntFlag
        KEEP ReprEnum STRICT StrEnum ReprEnum.__format__ ReprEnum.__str__ StrEnum.__new__ property auto FlagBoundary
        nonmember member _iter_bits_lsb
    """,
    "functools": """
        _ge_from_gt _ge_from_le _ge_from_lt _gt_from_ge _gt_from_le _gt_from_lt _le_from_ge _le_from_gt _le_from_lt
        _CacheInfo _lt_from_ge _lt_from_gt _lt_from_le partial partialmethod singledispatchmethod
    """,
    "logging": """
        BufferingFormatter Filter Formatter Handler LogRecord LoggerAdapter NullHandler PercentStyle StrFormatStyle StreamHandler
        StringTemplateStyle
    """,
    "numbers": "Number Complex Real Rational Integral",
    "string": "Template",
    "types": "SimpleNamespace",
    "typing": """
        Any ClassVar Generic NamedTuple Protocol _ProtocolMeta _no_init_or_replace_init _proto_hook
        Generic.__class_getitem__
    """,
}
ALWAYS = frozenset(f"{module}:{name}" for module, names in _BY_MODULE.items() for name in names.split())
