"""Write constraints.txt anew: `python packaging/pin.py [--upgrade]`, with `uv` on the PATH.

Every package that p2pdm, its window and its tests need, for every platform, pinned with the hashes of its files. The
three sections are what `run` installs for the terminal, for the window too, and for tests too. Without --upgrade the
versions pinned now stay, wherever pyproject.toml still allows them.
"""

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "constraints.txt"
BUILD = "hatchling"  # builds the editable install, so the terminal needs it as well

SECTIONS = {
    "base": ("the terminal", []),
    "gui": ("the window", ["--extra", "gui"]),
    "dev": ("tests and checks", ["--extra", "gui", "--group", "dev"]),
}

HEADER = """\
# Everything p2pdm is built from, pinned with the hashes of its files. Written by packaging/pin.py; `run` installs it.
"""


def main() -> None:
    """Resolve each section and write the file."""
    parser = argparse.ArgumentParser(description="Pin every package, with hashes.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    upgrade = parser.parse_args().upgrade
    resolved = {name: resolve(options, upgrade) for name, (_, options) in SECTIONS.items()}
    PINS.write_text(render(resolved), encoding="utf-8")


def resolve(options: list[str], upgrade: bool) -> dict[str, str]:
    """The pins of a section and of those before it, by package."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build.in"
        build.write_text(BUILD + "\n", encoding="utf-8")
        command = ["uv", "pip", "compile", "--quiet", str(ROOT / "pyproject.toml"), str(build), *options]
        command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
        if PINS.exists() and not upgrade:
            command += ["--constraint", str(PINS)]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return {name_of(pin): pin for pin in split(answer.stdout)}


def split(requirements: str) -> list[str]:
    """Each pin with its hashes, which stand on the lines after it."""
    return [pin for pin in re.split(r"\n(?=[^\s#])", requirements.strip()) if "==" in pin]


def name_of(pin: str) -> str:
    """The package that a pin is of."""
    return pin.partition("==")[0].strip()


def render(resolved: dict[str, dict[str, str]]) -> str:
    """The file: a package stands in the first section that needs it, on every platform where any section does."""
    text, done, everything = HEADER, set[str](), resolved["dev"]
    for section, (purpose, _) in SECTIONS.items():
        text += f"\n# [{section}] {purpose}\n"
        text += "".join(everything[name] + "\n" for name in sorted(resolved[section]) if name not in done)
        done |= resolved[section].keys()
    return text


if __name__ == "__main__":
    main()
