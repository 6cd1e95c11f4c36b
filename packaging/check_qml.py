"""Run qmllint over the window's QML, any warning failing it: `python packaging/check_qml.py`.

qmllint knows Python's classes from a description of their module, which PySide's own tools make here afresh from the
Python files that name a QML module.
"""

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import PySide6

ROOT = Path(__file__).resolve().parent.parent
GUI = ROOT / "gui" / "p2pdm_gui"
TOOLS = Path(sys.executable).parent
METATYPES = Path(PySide6.__path__[0]) / "Qt" / "metatypes"  # of Qt's classes, which ours inherit
BASES = ("core", "gui", "qml")
MODULE_NAME = re.compile(r'^QML_IMPORT_NAME = "([\w.]+)"', re.MULTILINE)


def main() -> int:
    """Check every QML file; the exit code."""
    files = sorted(str(path.relative_to(ROOT)) for path in GUI.rglob("*.qml"))
    if not files:
        sys.exit(f"There is no QML in {GUI}.")
    with tempfile.TemporaryDirectory() as folder:
        for module, sources in modules().items():
            describe(module, sources, Path(folder))
        return subprocess.call([TOOLS / "pyside6-qmllint", "-I", folder, "--max-warnings", "0", *files], cwd=ROOT)


def modules() -> dict[str, list[Path]]:
    """The Python files behind each QML module."""
    found = defaultdict(list)
    for path in sorted(GUI.rglob("*.py")):
        if match := MODULE_NAME.search(path.read_text(encoding="utf-8")):
            found[match[1]].append(path)
    return found


def describe(module: str, sources: list[Path], folder: Path) -> None:
    """Write into `folder` what qmllint reads of a module: its types, and a qmldir that names them."""
    place = folder.joinpath(*module.split("."))
    place.mkdir(parents=True)
    dumps = [place / f"{source.stem}.json" for source in sources]
    for source, dump in zip(sources, dumps, strict=True):
        subprocess.run([TOOLS / "pyside6-metaobjectdump", source, "-o", dump], check=True)
    foreign = ",".join(str(METATYPES / f"qt6{base}_metatypes.json") for base in BASES)
    options = ["--import-name", module, "--major-version", "1", "--minor-version", "0", "--foreign-types", foreign]
    results: list[str | Path] = ["--generate-qmltypes", place / "types.qmltypes", "-o", place / "registration.cpp"]
    subprocess.run([TOOLS / "pyside6-qmltyperegistrar", *options, *results, *dumps], check=True)
    (place / "qmldir").write_text(f"module {module}\ntypeinfo types.qmltypes\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
