"""The value codec: one object graph, with identities, as a table of plain nodes.

A *wire value* is None, a bool, an int, a float that is no NaN, a str, bytes, or `[i]`: node i of the table. A node is `[tag,
...]`. Two references to one object are the same `[i]`, so aliasing and cycles need nothing further (SEMANTICS V3).

    >>> enc = Encoder(World()); xs = [1, "a"]; enc.value((xs, xs)), enc.finish()
    ([0], [['t', [[1], [1]]], ['L', [1, 'a']]])

The tags, `x` a wire value, `x*` a list of them, `kv*` a flat list [key, value, key, value, ...]:

    pieces.py          p bytes count: a tree of containers, itself and the `count` inside it being objects of the table
    integers.py        I width bytes: int* of 16, 32 or 64 bits
    containers.py      L plain*   T text-with-NULs: str*   l x*   t x*   D {plain: plain}   d kv*   dof [instance]
                       s x* recipe   z x* recipe   b bytes   B str|bytes: a long one   q maxlen x*   dd factory kv*   od kv* attributes-kv*
    scalars.py         R name parts* (iterators.py too)   c real imag   nan bytes [module]   k name   obj   std name   opaque name
    functions.py       f key defaults kwdefaults cells* {extra}   cell [x]   m function self   sm function kv*   cm function kv*
                       prop get set del doc   cp function name doc   P function args dict attributes-kv*
    library_functions  mk maker parts* attributes-kv*   ef class name
    references.py      M module   ref "module:qualname"   bm owner name   bd type name
    classes.py         C name qualname module metaclass bases* kv* [slot] registered* maker [first names] flags   ty name
    instances.py       o class kv*|{"same": [i]} slots-kv* payload   em class value
    exceptions.py      e class args kv* fields-kv* cause context suppress traceback slots-kv* [message exceptions]
    caches.py          lc function maxsize typed hits misses [args* kv* x]* attributes-kv*
    logging_values.py  lg name   ls level name formatter filters   hl
    carried.py         X name class|None [root, nodes]: a type of which the project says how it is carried, in a table of its own
    typing_values.py   tv ta ts to pa fr ga un iv        numpy_values.py   na no nv ns nd        each module says what is in its nodes

Each of these modules registers an encoder by exact type and a maker by tag. A maker returns the object, filled or not; what must
wait (cycles, hashes of the program's own classes) is left as a *fill*: phase 0 populates classes, 1 instances and sequences, 2
whatever hashes its elements.

Where messages are bytes (`World.binary`), `p T I` stand for large plain values, and buffers from BESIDE bytes on are out of line
(wire.py); where they are JSON, none of these is written, and wire.py tags what JSON lacks. A plain value (an event that a person wrote,
a result that one reads) has its own form, in plain.py.

Limits: MAX_NODES objects in a table; 1 GiB in a message (frames.py); a plain tree is nested 200 deep (plain.py). Depth of lists, dicts,
instances and chains of immutable objects is not limited otherwise; frozensets and keys that hold one another end where Python's
recursion does. Over a limit, writing raises Untravellable and leaves nothing behind, reading raises CodecError.

Code never arrives: functions name a key of the unit's code table, library objects a line of the bundle's manifest (see `World`).
Raises Untravellable for a value that cannot be carried and CodecError for a damaged table.
"""

from __future__ import annotations

from faasify.runtime.unit.decoder import Decoder
from faasify.runtime.unit.encoder import Encoder, encoded_size
from faasify.runtime.unit.failures import CodecError, Untravellable
from faasify.runtime.unit.registry import ENCODERS, MAKERS, PLAIN, PLAIN_OR_FLOAT, EncodeFn, World, encodes, encodes_rest, makes


def load_types() -> None:
    """Import the modules that register types; done once by caller and unit, not at import, to keep imports acyclic."""
    from faasify.runtime.unit import (  # noqa: F401
        caches,
        carried,
        classes,
        containers,
        functions,
        instances,
        iterators,
        logging_values,
        numpy_values,
        references,
        typing_values,
    )


__all__ = [
    "ENCODERS",
    "MAKERS",
    "PLAIN",
    "PLAIN_OR_FLOAT",
    "CodecError",
    "Decoder",
    "EncodeFn",
    "Encoder",
    "Untravellable",
    "World",
    "encoded_size",
    "encodes",
    "encodes_rest",
    "load_types",
    "makes",
]
