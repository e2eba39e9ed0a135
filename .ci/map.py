"""Writes the list of modules in realm_desktop/README.md from the first line of each docstring.

`python .ci/map.py` writes it, `python .ci/map.py --check` fails if it is out of date. Standard library only.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "realm_desktop"
README = PACKAGE / "README.md"
BEGIN, END = "<!-- modules: written by .ci/map.py -->\n", "<!-- end of modules -->\n"


def main(arguments: list[str]) -> int:
    """Write or check the list; returns the exit status."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    wanted = f"{before}{BEGIN}{module_list()}{END}{after}"
    if "--check" not in arguments:
        README.write_text(wanted, encoding="utf-8")
    elif wanted != text:
        print("realm_desktop/README.md is out of date: run python .ci/map.py", file=sys.stderr)
        return 1
    return 0


def module_list() -> str:
    """One section a folder, one line a module."""
    folders = [PACKAGE, *sorted(path for path in PACKAGE.rglob("*") if path.is_dir())]
    return "".join(section(folder) for folder in folders)


def section(folder: Path) -> str:
    """A folder's heading, its sentence and its modules; nothing for a folder without any."""
    modules = sorted(folder.glob("*.py"))
    if not modules:
        return ""
    lines = [f"\n### {folder.relative_to(ROOT).as_posix()}/\n\n"]
    for module in modules:
        sentence = first_sentence(module)
        if module.name == "__init__.py":
            lines.append(f"{sentence}\n\n")
        else:
            lines.append(f"- `{module.name}`: {sentence}\n")
    return "".join(lines)


def first_sentence(module: Path) -> str:
    """The first sentence of a module's docstring, on one line."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    return paragraph.split(". ")[0].rstrip(".") + "."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
