"""What a unit needs: modules, distributions with their versions, files; and what is imported but never needed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.analysis.dependencies import Installed, data_files, dependencies
from faasify.model.dependencies import DataFile, Dependencies, Requirement
from faasify.model.effects import Analysis, Effect

Analysed = Callable[..., Analysis]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An environment: one plain distribution, two that share a namespace, one that is named unlike its module, an editable one."""
    folder = tmp_path / "site"
    install(folder, "Plain", "1.2", ["plain/__init__.py", "plain/deep.py"])
    install(folder, "space-red", "3.0", ["space/red/__init__.py"])
    install(folder, "space-blue", "4.0", ["space/blue.cpython-311-x86_64-linux-gnu.so", "space/common/x.py"])
    install(folder, "Distribution.Name", "0.1", ["othername.py"])
    install(folder, "editable-one", "9.9", [])
    install(folder, "listed", "2.0", ["data.txt"], top_level="by_list\n")
    return folder


def install(site: Path, name: str, version: str, files: list[str], top_level: str = "") -> None:
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    for file in files:  # from Python 3.12 on, a file that is listed and not there does not count
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in [*files, f"{info.name}/METADATA", "../../bin/tool.py"]))
    if top_level:
        (info / "top_level.txt").write_text(top_level)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("plain", ["Plain==1.2"]),
        ("plain.deep", ["Plain==1.2"]),
        ("space.red", ["space-red==3.0"]),
        ("space.red.inner", ["space-red==3.0"]),
        ("space.blue", ["space-blue==4.0"]),
        ("space.common", ["space-blue==4.0"]),
        ("space", ["space-blue==4.0", "space-red==3.0"]),
        ("othername", ["Distribution.Name==0.1"]),
        ("editable_one", ["editable-one==9.9"]),
        ("by_list", ["listed==2.0"]),
        ("tool", []),
        ("nowhere", []),
    ],
)
def test_a_module_comes_from_distributions(site: Path, module: str, expected: list[str]) -> None:
    assert list(map(str, Installed((str(site),)).distributions(module))) == expected


def test_the_running_environment_is_the_default() -> None:
    import pytest as installed_here

    assert Installed().distributions("pytest") == (Requirement("pytest", installed_here.__version__),)


def needed(analysis: Analysis, name: str, site: Path) -> Dependencies:
    return dependencies(analysis, analysis.functions[name].closure, Installed((str(site),)))


def test_a_function_needs_what_it_and_its_callees_use(analysed: Analysed, site: Path) -> None:
    source = """
        import json, plain, othername, nowhere
        import space.red
        import util

        def f(x):
            return util.g(json.dumps(x))

        def h():
            return othername.x() + space.red.y() + nowhere.z()
    """
    analysis = analysed(source, util="import plain\ndef g(x):\n    return plain.call(x)\n")
    f, h = needed(analysis, "app.f", site), needed(analysis, "app.h", site)
    assert list(map(str, f.requirements)) == ["Plain==1.2"]
    assert (f.modules, f.program, f.missing) == (("json", "plain"), ("app", "util"), ())
    assert list(map(str, h.requirements)) == ["Distribution.Name==0.1", "space-red==3.0"]
    assert h.missing == ("nowhere",)


def test_a_local_import_is_needed_by_its_function(analysed: Analysed, site: Path) -> None:
    analysis = analysed("def f(x):\n    import plain\n    return plain.call(x)\ndef g(x):\n    return x\n")
    assert list(map(str, needed(analysis, "app.f", site).requirements)) == ["Plain==1.2"]
    assert needed(analysis, "app.g", site).requirements == ()


def test_files_by_constant_path(analysed: Analysed, site: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("a b")
    source = """
        from pathlib import Path
        NAMES = Path(__file__).parent / "names.csv"

        def read(path):
            return open(path).read()

        def f():
            load()
            return open("words.txt").read() + open("more.txt").read() + NAMES.read_text()

        def load():
            open("out.txt", "w").write(read("passed.txt"))
    """
    files = needed(analysed(source), "app.f", site).files
    assert [(each.path, each.mode, each.exists, each.line) for each in files] == [
        ("more.txt", "r", False, 10),
        ("names.csv", "r", False, 10),
        ("out.txt", "w", False, 13),
        ("words.txt", "r", True, 10),
    ]


def test_what_no_file_system_takes_does_not_exist(tmp_path: Path) -> None:
    long = "x" * 5000
    effects = [Effect("files", "open", "app.py", 3, detail=f'"{long}", "r"'), Effect("stdout", "print", "app.py", 1, detail='"a"')]
    assert data_files(tmp_path, effects) == (DataFile(long, "r", False, "app.py", 3),)


def test_standard_modules_are_no_requirements(analysed: Analysed, site: Path) -> None:
    found = needed(analysed(textwrap.dedent("import os.path, math\ndef f(x): return math.sin(x), os.path.join('a', 'b')\n")), "app.f", site)
    assert (found.requirements, found.missing) == ((), ())
    assert "math" in found.modules
