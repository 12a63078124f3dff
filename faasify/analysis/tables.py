"""The tables of one analysis that are empty at its beginning, by what they are about; `State` has them all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from faasify.analysis.bodies import Arguments, Body, Site, Target
from faasify.analysis.lazies import Lazy
from faasify.analysis.scopes import Scope
from faasify.analysis.values import Obj, Partial, Value

if TYPE_CHECKING:
    from faasify.analysis.calls import Here, Loads
    from faasify.analysis.mro import Fitting
    from faasify.analysis.wrapping import CacheCallers

Key = tuple[str, ...]


class NodeTables:
    """Which nodes have names, and what is remembered of nodes."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[Key, int] = {}
        self.statics: dict[Value, int] = {}
        self.library_variables: dict[int, str] = {}  # nodes that `from sys import argv` makes, with the variable's path
        self.data: dict[str, set[str]] = {}  # by module: its variables that are bound by more than def, class and import
        self.versions: dict[tuple[str, str], list[int]] = {}  # of modules' variables, and of those of class bodies with `locals()`
        self.opaque: dict[int, None] = {}  # nodes for which nothing may be found: loads, results, parameters
        self.asked_of: dict[int, tuple[int, ...]] = {}  # of these: the nodes that they are worked out from
        self.annotated: list[tuple[int, Callable[[], bool]]] = []  # nodes, with what fills them from an annotation
        self.defaults: dict[int, int] = {}  # by a parameter's node: the node of its default
        self.escaped: set[int] = set()  # nodes whose functions went where analysis cannot follow


class CallTables:
    """The bodies, and what was seen of calls of functions, methods and partials."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[str, Body] = {}
        self.todo: list[Scope] = []  # functions and lambdas that are still to be lowered
        self.targets: dict[Target, Target] = {}  # one object for all sites that may call the same
        self.method_targets: dict[tuple[str, bool], Target] = {}  # by definition, and whether the call is direct
        self.bound: set[str] = set()  # functions that a call was seen of
        self.receivers: dict[str, set[Value]] = {}  # by method, in a large program
        self.received: dict[str, set[Value]] = {}  # by method: what its first parameter has got already
        self.partials: dict[str, tuple[int, Arguments]] = {}
        self.joined: set[tuple[Partial, ast.AST]] = set()  # calls of partials that are worked out
        self.shown: set[tuple[ast.AST, int, Value]] = set()  # methods and partials that are asked for their text, with the places
        self.around: dict[str, Value] = {}  # by the site of a partial: the context manager that is entered around its call


class ClassTables:
    """What is known of classes: see mro.py, members.py and records.py."""

    def __init__(self) -> None:
        super().__init__()
        self.caching: set[str] = set()  # functions whose value a cached_property keeps in the object
        self.bases: dict[str, list[int]] = {}
        self.all_below: dict[str, tuple[str, ...]] = {}  # what `State.below` has found since a class was last added
        self.ordered: list[str] = []  # classes whose order was found, again where anything about them changed
        self.own_based: dict[str, tuple[str, ...]] = {}  # classes with no library above them, with the order for which that was found
        self.bases_along: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {}  # by class: an order, and the nodes of all bases in it
        self.metaclasses: dict[str, int] = {}
        self.has_metaclasses = False
        self.calls_classes = False  # a metaclass of the program may have `__call__`
        self.subclasses: dict[str, dict[str, None]] = {}
        self.orders: dict[str, tuple[str, ...]] = {}
        self.class_names: dict[str, set[str]] = {}
        self.deleted: dict[str, set[str]] = {}  # those of its names that a `del` may take away
        self.had_been: dict[str, set[str]] = {}  # what its instances were made as: `x.__class__ = C`
        self.class_data: dict[str, set[str]] = {}  # those of its names that are variables
        self.virtual: dict[str, bool] = {}  # see virtual.py
        self.changed_classes: dict[str, None] = {}
        self.filled: dict[str, set[str]] = {}  # attributes that a dataclass gives every instance
        self.unfilled: dict[str, list[Callable[[], None]]] = {}  # by class: what waits for it to turn out to be such a class
        self.left_to_class: dict[str, set[str]] = {}  # of these: those that some instance has from its class, as a default
        self.factories: dict[ast.expr, int] = {}  # by the call of dataclasses.field: the node of its default_factory
        self.records: dict[str, tuple[str, ...]] = {}  # by the site of a namedtuple(...): the fields
        self.record_bases: dict[str, dict[tuple[str, ...], None]] = {}  # by class: the fields of those that it inherits from
        self.attributed: set[str] = set()  # functions that get attributes
        self.own_fields: dict[str, set[str]] = {}  # attributes that methods store in `self`
        self.stored_fields: dict[str, set[str]] = {}  # attributes that anything stores in an instance
        self.library_attributes: set[str] = set()  # names that anything stores in an object of a library
        self.families: dict[str, list[str]] = {}
        self.wanted: dict[str, list[Callable[[], None]]] = {}  # by class: look-ups to be made again when its order changes
        self.wanted_below: dict[str, list[Callable[[], None]]] = {}  # by class: what is to be done with each class that inherits from it
        self.stored: dict[tuple[str, str], int] = {}  # by class and name, see mro.py
        self.members: dict[tuple[Value, str], int] = {}
        self.managed: set[str] = set()  # names that may be properties or descriptors: loading them may call something
        self.hooked = False  # a class or module of the program has __getattr__
        self.methods_named: dict[str, list[str]] = {}
        self.instances: dict[str, Obj] = {}  # by class: what `State.instance` gives
        self.with_members: dict[str, bool] = {}  # by class: see `State.tells_members`
        self.said: dict[tuple[ast.AnnAssign, str], bool] = {}  # by annotation and name: whether that is in it


class ContainerTables:
    """What containers hold, and what iterators do later: see elements.py and lazies.py."""

    def __init__(self) -> None:
        super().__init__()
        self.elements_of: dict[tuple[int, ast.AST], int] = {}
        self.lazies: dict[str, Lazy] = {}  # by the site of an iterator of the library
        self.resumed: dict[Site, dict[str, None]] = {}  # in a large program: the iterators that go on at a place
        self.element_keys: dict[str, dict[str, None]] = {}  # by container: the keys under which something was put in
        self.deferred_in: dict[str, tuple[str, str]] = {}  # by the site of a generator expression: the body that makes it, and its scope
        self.own_deferred: dict[Site, dict[str, str]] = {}  # in a large program: those that their own maker goes through, by place
        self.deferred_from: dict[str, str] = {}  # by the scope of one that another body goes through: the body that makes it
        self.pours: dict[str, list[Callable[[str], None]]] = {}  # by container: what is to be told of a new key
        self.poured: set[tuple[str, str]] = set()
        self.computed_names: dict[str, int] = {}  # by class: the node of what is put into it under names that are not known
        self.namespaces: dict[str, Callable[[int, str], None]] = {}  # by the site of a `__dict__`: what puts a node in under a key


class LookupTables:
    """What was asked for and may have to be asked again: special methods, attributes, library hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.deferred: list[Callable[[], None]] = []  # to be done once, when there is nothing else to do
        self.hooks: set[Hashable] = set()  # places at which a library calls the program, see hooks.py
        self.hook_results: dict[Hashable, int] = {}  # how often, for those that depend on what the call gives
        self.made_below: set[str] = set()  # packages, below whose classes a call makes others with functions of the program
        self.set_on_library: dict[str, list[int]] = {}  # by the site, or class, of a library's object: what its attributes are given
        self.accessors: dict[tuple[str, bool], list[str]] = {}  # the same, of all classes above or below
        self.own_accessors: dict[str, list[str]] = {}  # of classes: what any_attribute.py has looked up since it was last asked
        self.accessor_news = 0  # how often there was something new in them
        self.looks_for_accessors = False
        self.queries: list[Callable[[], bool]] = []  # asked again when there is nothing else to do; whether they found something new
        self.fitting: dict[tuple[str, ...], Fitting] = {}  # classes that many places ask for, by what is asked: see mro.py
        self.own_methods: dict[tuple[Value, str], int] = {}  # by receiver and name: what implicit calls of it call
        self.loads: dict[int, Loads] = {}  # by the node of an attribute
        self.cache_callers: dict[str, CacheCallers] = {}  # by function
        self.followed: dict[tuple[Here, str], Here] = {}  # by place and the method that the answer is asked for there
        self.asked: dict[tuple[str, str], tuple[int, int]] = {}  # by container and special method: see asking.py
        self.inner_calls: dict[ast.AST, ast.Call] = {}  # by operator: the call inside it that makes what it gives
        self.asked_itself: set[tuple[ast.AST, str, int]] = set()  # by place: library methods and receivers, see applying.py
        self.being_asked: set[tuple[ast.AST, str, int]] = set()  # the same, while it is asked: see application.py
        self.asked_at: dict[tuple[ast.AST, str], int] = {}  # by place and special method, in a large program
        self.called_by: dict[frozenset[int], tuple[bool, frozenset[str], bool]] = {}  # by what a node may be: see passing.py
        self.held_called: dict[tuple[int, int], bool] = {}  # once all is solved: see handing_over.py
        self.parsed_types: dict[str, None] = {}  # by the name of an option: it has a `type=` function
        self.compared: dict[str, int] = {}  # by special method, in a large program: all that is compared by it
