"""Writes the texts of the program into resources/translations/*.ts and compiles them to *.qm.

`python installer/translations.py` adds new texts as unfinished, drops texts that are gone and compiles;
`python installer/translations.py --check` fails if a file is out of date or a text is not translated.
Needs the environment of the app: the compiler, lrelease, comes with PySide6.

`pyside6-lupdate` cannot do the first part: it takes only `tr` and `translate` for translation calls
and so misses every function that names its context once, and the texts of the settings schema, which
knows no Qt. It finds 622 texts of 1,100. What this finds:
- `self.tr("…")` in a class, whose name is the context, as PySide6 has it;
- `QCoreApplication.translate("Context", "…")`; both also under a name of their own;
- calls of functions that do nothing but `return QCoreApplication.translate("Context", text…)`;
- `Phrase("…", …)` and `Template("…")`: words made where Qt is not known;
- `QT_TRANSLATE_NOOP("Context", "…")`;
- advices and messages of errors that are literals; of those with values only what is named as a
  `Template` in `ui/known_phrases.py`;
- the texts of the settings and actions, which are tables.
"""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "realm_desktop"
FOLDER = ROOT / "resources" / "translations"

LANGUAGES = {"en": "en_US", "de": "de_DE"}
"""English holds only texts with a count: the code has no form for one."""

_COUNTS = ("%n", "%Ln")
_PHRASES = "Phrases"
_WITHOUT_WINDOW = "realm_desktop.cli"


class Text(NamedTuple):
    """One text to translate."""

    context: str
    source: str
    disambiguation: str
    has_count: bool


def main(arguments: list[str]) -> int:
    """Write or check the files; returns the exit status."""
    sys.path.insert(0, str(ROOT))
    texts = all_texts()
    faults: list[str] = []
    for language, full_name in LANGUAGES.items():
        path = FOLDER / f"realm_{language}.ts"
        wanted = document(texts_of(language, texts), known_translations(path), full_name)
        if "--check" not in arguments:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, encoding="utf-8")
            compile_to(path.with_suffix(".qm"), path)
        elif wanted != path.read_text(encoding="utf-8") or not is_compiled(path):
            faults.append(f"{path.name} is out of date: run python installer/translations.py")
        faults += [f"{path.name}: not translated: {text}" for text in unfinished(wanted)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def texts_of(language: str, texts: list[Text]) -> list[Text]:
    """The texts that a language has words for."""
    return [text for text in texts if text.has_count or language != "en"]


def all_texts() -> list[Text]:
    """Every text of the program, in the order of its contexts."""
    trees = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    contexts = {
        f"{module}.{name}": context
        for module, tree in trees.items()
        for name, context in speaking_functions(tree)
    }
    found = {
        text for module, tree in trees.items() for text in Reader(module, tree, contexts).found
    }
    return sorted(found | set(table_texts()))


def speaking_functions(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Functions that only translate their first argument: name and context."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not isinstance(node.body[-1], ast.Return):
            continue
        call = node.body[-1].value
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "QCoreApplication.translate":
            context, text = call.args[:2]
            if isinstance(context, ast.Constant) and ast.unparse(text) == node.args.args[0].arg:
                yield node.name, str(context.value)


class Reader(ast.NodeVisitor):
    """Finds the texts of one module.

    Attributes:
        found: Its texts.
        untold: Translation calls whose text is no literal.
    """

    def __init__(self, module: str, tree: ast.Module, contexts: Mapping[str, str]) -> None:
        self.found: set[Text] = set()
        self.untold: list[str] = []
        self._module = module
        self._class = ""
        self._aliases: dict[str, str] = {}
        self._contexts = {
            name.rpartition(".")[2]: context
            for name, context in contexts.items()
            if name.rpartition(".")[0] == module
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    full_name = f"{node.module}.{alias.name}"
                    if full_name in contexts:
                        self._contexts[alias.asname or alias.name] = contexts[full_name]
        self.visit(tree)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Texts of `self.tr` belong to the innermost class."""
        outer, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        """`tr = self.tr` and its like, which save room where many texts stand together."""
        value = ast.unparse(node.value)
        if value in ("self.tr", "QCoreApplication.translate"):
            self._aliases.update({ast.unparse(target): value for target in node.targets})
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Keep what a translation call says."""
        name = ast.unparse(node.func)
        name = self._aliases.get(name, name)
        if name == "QCoreApplication.translate":
            context = node.args[0]
            if isinstance(context, ast.Constant):
                self._keep(node, str(context.value), node.args[1:])
        elif name.endswith(".tr"):
            self._keep(node, self._class, node.args)
        elif name in self._contexts:
            self._keep(node, self._contexts[name], node.args)
        elif name == "QT_TRANSLATE_NOOP":
            self._keep(node, string_of(node.args[0]), node.args[1:])
        elif name in ("Phrase", "Template"):
            self._keep(node, _PHRASES, node.args[:1])
        elif not self._module.startswith(_WITHOUT_WINDOW):
            self._keep_error(node, name)
        self.generic_visit(node)

    def _keep_error(self, call: ast.Call, name: str) -> None:
        """What an error says without values: most advices, some messages."""
        advices = [keyword.value for keyword in call.keywords if keyword.arg == "advice"]
        is_error = bool(advices) or (name.endswith("Error") and not hasattr(builtins, name))
        messages = call.args[:1] if is_error else []
        if name == "ErrorInfo":
            messages = call.args[1:3]
        for part in [*messages, *advices]:
            # One word is a name, such as the kind of an error.
            if " " in string_of(part):
                self.found.add(Text(_PHRASES, string_of(part), "", has_count=False))

    def _keep(self, call: ast.Call, context: str, arguments: list[ast.expr]) -> None:
        literals = [string_of(argument) for argument in branches(arguments[0])]
        second = arguments[1] if len(arguments) > 1 else None
        disambiguation = string_of(second) if second is not None else ""
        for literal in literals:
            if not literal:
                self.untold.append(f"{self._module}:{call.lineno}: {ast.unparse(call)}")
            else:
                has_count = any(mark in literal for mark in _COUNTS)
                self.found.add(Text(context, literal, disambiguation, has_count))


def branches(node: ast.expr) -> list[ast.expr]:
    """The values that an expression may have, as far as it says so itself."""
    if isinstance(node, ast.IfExp):
        return [*branches(node.body), *branches(node.orelse)]
    return [node]


def string_of(node: ast.expr) -> str:
    """The text of a literal; empty for anything else."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text and isinstance(node, ast.Constant) else ""


def table_texts() -> Iterator[Text]:
    """The texts that are rows of tables."""
    # Here, because they need the package, whose folder is put on the path by `main`.
    from realm_desktop.schema.table import SETTINGS, SPECULATION_NOTE
    from realm_desktop.ui.actions import CHAT_KEYS, MENUS, SPECS

    actions = {title for title, _ in MENUS}
    actions |= {text for pair in CHAT_KEYS for text in pair}
    actions |= {text for spec in SPECS for text in (spec.text, spec.tooltip)}
    yield from (Text("Actions", text, "", False) for text in actions)
    settings = {SPECULATION_NOTE}
    for setting in SETTINGS:
        settings |= {setting.group, setting.label, setting.description, setting.info}
        settings |= {setting.unit, setting.empty_text, *(text for _, text in setting.choices)}
    yield from (Text("Settings", text, "", False) for text in settings if text)


def known_translations(path: Path) -> dict[tuple[str, str, str], ElementTree.Element]:
    """What a file has so far: the element "translation" of each text."""
    if not path.exists():
        return {}
    known = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            key = (
                context.findtext("name", ""),
                message.findtext("source", ""),
                message.findtext("comment", ""),
            )
            translation = message.find("translation")
            if translation is not None:
                known[key] = translation
    return known


def document(
    texts: list[Text], known: Mapping[tuple[str, str, str], ElementTree.Element], language: str
) -> str:
    """The file as Qt Linguist reads it, with a line for each text."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    contexts: dict[str, ElementTree.Element] = {}
    for text in texts:
        if text.context not in contexts:
            contexts[text.context] = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(contexts[text.context], "name").text = text.context
        message = ElementTree.SubElement(contexts[text.context], "message")
        if text.has_count:
            message.set("numerus", "yes")
        ElementTree.SubElement(message, "source").text = text.source
        if text.disambiguation:
            ElementTree.SubElement(message, "comment").text = text.disambiguation
        former = known.get(text[:3])
        if former is None:
            former = ElementTree.Element("translation", type="unfinished")
            if text.has_count:
                former.extend(ElementTree.Element("numerusform") for _ in range(2))
        message.append(former)
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n'


def unfinished(content: str) -> list[str]:
    """The texts of a file that still need words."""
    found = []
    for message in ElementTree.fromstring(content).iter("message"):
        translation = message.find("translation")
        if translation is None or translation.get("type") == "unfinished":
            found.append(message.findtext("source", ""))
    return found


def compile_to(target: Path, source: Path) -> None:
    """Write the file that Qt reads at run time."""
    import PySide6

    program = Path(PySide6.__file__).parent / (
        "lrelease.exe" if sys.platform == "win32" else "lrelease"
    )
    # Beside it first: Qt maps the file, and a program that runs would die of one cut short.
    fresh = target.with_suffix(".new.qm")
    subprocess.run([program, "-silent", source, "-qm", fresh], check=True)
    fresh.replace(target)


def is_compiled(source: Path) -> bool:
    """Whether the compiled file is that of this source."""
    compiled = source.with_suffix(".qm")
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, compiled.name)
        compile_to(fresh, source)
        return compiled.exists() and compiled.read_bytes() == fresh.read_bytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
