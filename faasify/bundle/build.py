"""Puts a build together: rewritten modules, slices, one folder a unit, the manifest. All in memory; `writer` puts it on the disk.

RewrittenProgram  ->  Bundle(files={"app.py": ..., ".faasify/manifest.json": ..., ".faasify/slices/app.py": ...,
                                    ".faasify/units/app.fib/handler.py": ..., ...}, copies=("data.txt",))
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import faasify
from faasify.bundle.carried import carried_files
from faasify.bundle.manifest import dump, manifest, unit_facts, unit_folder
from faasify.bundle.reach import Reach
from faasify.bundle.slices import Cutter
from faasify.model.bundle import Bundle, Slice
from faasify.model.partition import Unit
from faasify.model.rewritten import RewrittenProgram
from faasify.rewrite.templates import render

OURS = ".faasify"


def bundle(program: RewrittenProgram, *, units: bool = True, copies: bool = True, types: tuple[str, ...] = ()) -> Bundle:
    """Everything that a build holds; `types` are files of the project that say how types are carried.

    `units` False leaves the units' own folders out, `copies` False the data files: the local target needs neither, because its units
    share the union slices, and because a rewritten program finds its files where the original does.
    """
    source = program.partition.analysis.program
    cutters = {name: Cutter(module, source) for name, module in source.modules.items()}
    slices = {name: cutter.union() for name, cutter in cutters.items()}
    carried = carried_files(types)
    document = manifest(program, slices) | {"types": sorted(carried)}
    files = {module.path: module.content for module in program.modules.values()}
    files |= {f"{OURS}/slices/{cut.path}": cut.text.encode("utf-8", "surrogatepass") for cut in slices.values()}
    files |= {f"{OURS}/{place}": content for place, content in carried.items()}
    files[f"{OURS}/manifest.json"] = dump(document)
    if units:
        for unit in program.units.values():
            files |= unit_files(program, unit, document, cutters)
            files |= {f"{OURS}/units/{unit_folder(unit.name)}/{place}": content for place, content in carried.items()}
    return Bundle(program, files, source.data_files if copies else ())


def unit_files(program: RewrittenProgram, unit: Unit, document: Mapping[str, Any], cutters: Mapping[str, Cutter]) -> dict[str, bytes]:
    """One unit's folder: its handler, its facts, its own slices."""
    folder = f"{OURS}/units/{unit_folder(unit.name)}"
    slices = unit_slices(program, unit, cutters)
    facts = unit_facts(program, unit)
    facts |= {
        "version": document["version"],
        "faasify": document["faasify"],
        "python": document["python"],
        "name": unit.name,
        "functions": sorted(unit.functions),
        "imports": sorted(unit.imports),
        "library": document["library"],
        "types": document["types"],
        "program": document["program"],
        "modules": {name: _slice_facts(document["modules"][name], cut) for name, cut in slices.items()},
    }
    files = {f"{folder}/slices/{cut.path}": cut.text.encode("utf-8", "surrogatepass") for cut in slices.values()}
    files[f"{folder}/unit.json"] = dump(facts)
    files[f"{folder}/handler.py"] = handler(unit.name, facts).encode("utf-8", "backslashreplace")
    return files


def _slice_facts(module: Mapping[str, Any], cut: Slice) -> dict[str, Any]:
    return {
        **{key: module[key] for key in ("import_name", "file", "package")},
        "slice": f"slices/{cut.path}",
        "run": list(cut.run),
        "links": list(cut.links),
    }


def unit_slices(program: RewrittenProgram, unit: Unit, cutters: Mapping[str, Cutter]) -> dict[str, Slice]:
    """The slices of the modules in which the unit's functions stand, and of those from which these import names."""
    analysis = program.partition.analysis
    names: dict[str, set[str]] = {}
    for function in (unit.entry, *unit.functions):
        definition = analysis.callgraph.definitions.get(function)
        if definition is not None and definition.qualname:
            names.setdefault(definition.module, set()).add(definition.qualname.partition(".")[0])
    slices: dict[str, Slice] = {}
    reach, waiting = Reach(analysis.program), list(names)
    while waiting:
        name = waiting.pop()
        slices[name] = cutters[name].unit(names[name])
        for other, taken in reach.of(cutters[name].module, slices[name].text).items():
            if not names.setdefault(other, set()) >= taken or other not in slices:
                names[other] |= taken
                waiting.append(other)
    return {name: slices[name] for name in sorted(slices)}


def handler(name: str, facts: Mapping[str, Any]) -> str:
    """The text of a unit's handler.py."""
    example = json.dumps(dict.fromkeys(facts["parameters"], "..."), ensure_ascii=False).replace('"..."', "...")
    shown = {"parameters": facts["parameters"], "file": facts["modules"][facts["module"]]["file"], "line": facts["line"]}
    return render("local", "handler", unit=name, example=example, version=faasify.__version__, **shown)
