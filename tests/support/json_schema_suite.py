"""The JSON-Schema-Test-Suite against our grammars, and a report of every difference.

`python -m tests.support.json_schema_suite` writes the report anew.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from realm_desktop.engine.sampling.grammar import GrammarCompiler
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.errors import InvalidGrammar
from tests.support.grammars import accepts, compile_grammar, tiny_model_tokenizer

SUITE = Path(__file__).parents[1] / "data" / "json_schema_test_suite"
RESULTS = SUITE / "results.txt"
_DRAFT = SUITE / "draft2020-12"
_MAX_ORDERS = 200
_NO_FRACTION = "an integer is written without a fraction"
ORDER = "properties come in the order in which the schema names them"
REASONS: Mapping[str, str] = {
    "const": _NO_FRACTION,
    "enum": _NO_FRACTION,
    "type": _NO_FRACTION,
    "format": "a format is demanded, not an annotation",
    "optional/ecmascript-regex": r"U+FEFF is no white space to \s and \S",
    "optional/float-overflow": "an integer is written without an exponent",
    "optional/format/date-time": "no second is a leap second",
    "optional/format/time": "no second is a leap second",
    "optional/format/email": "neither quoted names nor addresses in place of a domain",
    "optional/format/ipv6": "no IPv4 address at the end",
}
"""Why instances of a file are judged otherwise than the suite does."""


class Schema(NamedTuple):
    """One schema of the suite, and its instances: description, value, whether it is valid."""

    description: str
    schema: object
    instances: list[tuple[str, object, bool]]

    @property
    def text(self) -> str:
        return json.dumps(self.schema)


class Tally(NamedTuple):
    """What became of the schemas of one file and of the instances of those that compile."""

    compiled: int = 0
    refused: int = 0
    right: int = 0
    stricter: int = 0
    laxer: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in self._asdict().items())


def suite_files() -> list[str]:
    """Names of the files without suffix: keywords, then "optional/..."."""
    found = sorted(_DRAFT.rglob("*.json"), key=lambda path: (len(path.parts), path))
    return [path.relative_to(_DRAFT).with_suffix("").as_posix() for path in found]


def suite_schemas(name: str) -> list[Schema]:
    """The schemas of one file."""
    groups = json.loads((_DRAFT / f"{name}.json").read_text(encoding="utf-8"))
    return [
        Schema(
            group["description"],
            group["schema"],
            [(test["description"], test["data"], test["valid"]) for test in group["tests"]],
        )
        for group in groups
    ]


def report(compiler: GrammarCompiler, tokenizer: Tokenizer, name: str) -> list[str]:
    """Lines about one file: its tally, then every refusal and every difference with its reason."""
    tally, lines = Tally(), list[str]()
    for entry in suite_schemas(name):
        try:
            compile_grammar(compiler, json_schema=entry.text)
        except InvalidGrammar as error:
            tally = tally._replace(refused=tally.refused + 1)
            lines.append(f"  refused: {entry.description}: {error.message}")
            continue
        tally = tally._replace(compiled=tally.compiled + 1)
        for about, value, is_valid in entry.instances:
            is_accepted = _accepts(compiler, tokenizer, entry, value)
            verdict = "right" if is_accepted is is_valid else "stricter" if is_valid else "laxer"
            tally = tally._replace(**{verdict: getattr(tally, verdict) + 1})
            if verdict != "right":
                reason = _reason(compiler, tokenizer, name, entry, value)
                lines.append(f"  {verdict}: {entry.description} / {about}: {reason}")
    return [f"{name}: {tally}", *lines]


def recorded_results() -> dict[str, list[str]]:
    """The lines about every file as they were written last."""
    sections: dict[str, list[str]] = {}
    for line in RESULTS.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            sections[line.split(":")[0]] = lines = []
        lines.append(line)
    return sections


def _accepts(compiler: GrammarCompiler, tokenizer: Tokenizer, entry: Schema, value: object) -> bool:
    grammar = compile_grammar(compiler, json_schema=entry.text)
    return accepts(grammar, tokenizer, json.dumps(value, ensure_ascii=False))


def _reason(
    compiler: GrammarCompiler, tokenizer: Tokenizer, name: str, entry: Schema, value: object
) -> str:
    others = itertools.islice(_orders(value), _MAX_ORDERS)
    if any(_accepts(compiler, tokenizer, entry, other) for other in others):
        return ORDER
    return REASONS[name]


def _orders(value: Any) -> Iterator[Any]:
    """The value with the properties of its outermost object in every order."""
    if isinstance(value, dict):
        yield from map(dict, itertools.permutations(value.items()))


def main() -> None:
    """Write the results anew."""
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = tiny_model_tokenizer(Path(folder))
        compiler = GrammarCompiler(tokenizer)
        lines = [line for name in suite_files() for line in report(compiler, tokenizer, name)]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
