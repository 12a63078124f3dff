"""Described functions of modules that keep what they are given for other functions of theirs, which call it.

gc.callbacks.append(f)
gc.collect()                       f
build_opener(Handler).open(url)    an unknown call: which method of the handler depends on the address
"""

from __future__ import annotations

from faasify.analysis.calls import Here
from faasify.analysis.handing_over import call_kept, keep
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured


@structured("urllib.request:build_opener", "urllib.request:OpenerDirector.add_handler")
def _opener(state: State, here: Here, given: Given, called: int) -> None:
    for node in here.args.everything():
        keep(state, "urllib.request", node)


@structured("gc:collect")
def _collected(state: State, here: Here, given: Given, called: int) -> None:
    call_kept(state, "gc", here)


@structured("urllib.request:urlopen", "urllib.request:urlretrieve", "urllib.request:OpenerDirector.open")
def _fetched(state: State, here: Here, given: Given, called: int) -> None:
    call_kept(state, "urllib.request", here)
