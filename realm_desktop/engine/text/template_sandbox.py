"""The one place that constructs a Jinja environment, and all limits around it.

Templates are code of strangers. The sandbox keeps them from everything but their variables, the
budget bounds their memory and output, the deadline their time. Rendering happens in a thread of its
own (see `deadline`), one template at a time per environment.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension, LoopControlExtension
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter
from jinja2.utils import Namespace

from realm_desktop.engine.text.render_budget import LimitReached, RenderBudget
from realm_desktop.engine.text.template_filters import build_filters, build_tests
from realm_desktop.engine.text.template_operations import (
    binary,
    brace_format,
    cut,
    join_texts,
    string_method,
    to_text,
)

_MISSING = object()
_MAX_DATE_FORMAT = 100
_DATE_FORMAT = re.compile(r"(?:[^%]|%[-#]?[A-Za-z%])*")
_LOOP_NAMES = (
    "index index0 first last length revindex revindex0 previtem nextitem depth depth0 cycle changed"
)
_LOOP_ATTRIBUTES = frozenset(_LOOP_NAMES.split())
_DICT_METHODS = frozenset(["get", "items", "keys", "values"])
_LIST_METHODS = frozenset(["count", "index"])
_FORBIDDEN_NODES = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.EvalContextModifier,
)


class RaisedByTemplate(Exception):
    """The template called `raise_exception`: the conversation does not suit it."""


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """A Jinja environment whose templates can compute with their variables and nothing else.

    Owner: one `ChatTemplate`. `budget` and `clock_s` are set anew for each rendering.
    """

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "**", "%"])

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            # Folding constants would compute before any budget exists.
            optimized=False,
            extensions=[GenerationBlock, LoopControlExtension],
            finalize=_print,
        )
        self.code_generator_class = _BoundedCode
        self.budget = RenderBudget(0)
        self.clock_s = 0.0
        range_function = self.globals["range"]
        for table in (self.filters, self.tests, self.globals):
            table.clear()
        self.filters.update(cast("Any", build_filters(lambda: self.budget)))
        self.tests.update(cast("Any", build_tests(lambda: self.budget)))
        self.globals.update(
            {
                "range": range_function,
                "dict": self._make_dict,
                "namespace": self._make_namespace,
                "raise_exception": _raise_exception,
                "strftime_now": self._strftime_now,
            }
        )

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The result of an operator."""
        return binary(self.budget, operator, left, right)

    def concat(self, pieces: Iterable[str]) -> str:
        """The text of a macro or block."""
        return join_texts(self.budget, "", pieces)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The result of `obj.attribute`."""
        found = self._attribute(obj, attribute)
        return self._item(obj, attribute) if found is _MISSING else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The result of `obj[argument]`."""
        found = self._item(obj, argument)
        if isinstance(found, jinja2.Undefined) and isinstance(argument, str):
            attribute = self._attribute(obj, argument)
            return found if attribute is _MISSING else attribute
        return found

    def join_texts(self, values: Iterable[object]) -> str:
        """The result of `a ~ b`."""
        return join_texts(self.budget, "", values)

    def keep(self, value: object) -> object:
        """Count a list, tuple or object that the template wrote down."""
        return self.budget.keep(value)

    def cut(self, value: object, part: slice) -> object:
        """The result of `value[start:stop:step]`."""
        return cut(self.budget, value, part)

    def new_buffer(self) -> list[str]:
        """Where a macro or block collects its text."""
        return _Buffer(self.budget)

    def _item(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, jinja2.Undefined):
            # Raises the error that names what is undefined.
            return obj[argument]
        is_private = isinstance(argument, str) and argument.startswith("_")
        is_plain = isinstance(obj, (dict, list, tuple, str, range))
        if is_plain or (isinstance(obj, TemplateReference) and not is_private):
            try:
                return obj[argument]
            except (TypeError, LookupError):
                pass
        return self.undefined(obj=obj, name=argument)

    def _attribute(self, obj: Any, name: str) -> Any:
        """An allowed method or attribute; _MISSING if there is none of this name."""
        if name.startswith("_"):
            return _MISSING
        if isinstance(obj, str):
            if name == "format":
                return self._format_method(obj)
            return string_method(self.budget, obj, name) or _MISSING
        is_allowed = (
            (isinstance(obj, dict) and name in _DICT_METHODS)
            or (isinstance(obj, (list, tuple)) and name in _LIST_METHODS)
            or (isinstance(obj, LoopContext) and name in _LOOP_ATTRIBUTES)
            or (isinstance(obj, Macro) and name in ("name", "arguments"))
            or isinstance(obj, (Namespace, jinja2.Undefined))
            or (isinstance(obj, BlockReference) and name == "super")
        )
        return getattr(obj, name, _MISSING) if is_allowed else _MISSING

    def _format_method(self, text: str) -> Callable[..., str]:
        get_field = SandboxedFormatter(self).get_field

        def format_(*args: object, **kwargs: object) -> str:
            return brace_format(self.budget, text, args, kwargs, get_field)

        return format_

    def _make_dict(self, *args: Any, **kwargs: Any) -> object:
        return self.budget.keep(dict(*args, **kwargs))

    def _make_namespace(self, *args: Any, **kwargs: Any) -> Namespace:
        attributes = dict(*args, **kwargs)
        self.budget.keep(attributes)
        return _GuardedNamespace(attributes)

    def _strftime_now(self, format: str) -> str:  # noqa: A002  (the name templates use)
        if len(format) > _MAX_DATE_FORMAT or not _DATE_FORMAT.fullmatch(format):
            raise LimitReached("size", "a date format is too long or has widths")
        # The user's wall clock is what a template wants to show.
        return datetime.datetime.fromtimestamp(self.clock_s).strftime(format)


class GenerationBlock(Extension):
    """`{% generation %}`: marks the assistant's text for training; rendering ignores the mark."""

    tags = {"generation"}  # noqa: RUF012  (Jinja declares it so)

    def parse(self, parser: Parser) -> nodes.Node:
        """The block's content, in a scope of its own as in transformers."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("_content")
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _content(self, caller: Macro) -> str:
        return str(caller())


class _GuardedNamespace(Namespace):
    """A namespace that holds no underscore names, as in transformers."""

    def __init__(self, attributes: Mapping[str, object]) -> None:
        for name in attributes:
            _refuse_private(name)
        super().__init__(attributes)

    def __repr__(self) -> str:
        # Namespaces can hold each other; their contents would double with each level.
        return "<namespace>"

    def __setitem__(self, name: str, value: object) -> None:
        _refuse_private(name)
        super().__setitem__(name, value)


class _Buffer(list[str]):
    """A list of texts that counts what it holds."""

    def __init__(self, budget: RenderBudget) -> None:
        super().__init__()
        self._budget = budget

    def append(self, text: str) -> None:
        self._budget.charge(8 + len(text))
        super().append(text)

    def extend(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.append(text)


class _BoundedCode(CodeGenerator):
    """Generates code that asks the environment for everything that can grow."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        self.write("environment.join_texts((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        self._kept(super().visit_List, node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        self._kept(super().visit_Dict, node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        if node.ctx == "load":
            self._kept(super().visit_Tuple, node, frame)
        else:
            super().visit_Tuple(node, frame)

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.cut(")
        self.visit(node.node, frame)
        self.write(", slice(")
        for bound in (node.arg.start, node.arg.stop, node.arg.step):
            if bound is None:
                self.write("None")
            else:
                self.visit(bound, frame)
            self.write(", ")
        self.write("))")

    def buffer(self, frame: Frame) -> None:
        frame.buffer = self.temporary_identifier()
        self.writeline(f"{frame.buffer} = environment.new_buffer()")

    def _kept(self, visit: Callable[[Any, Frame], None], node: nodes.Expr, frame: Frame) -> None:
        self.write("environment.keep(")
        visit(node, frame)
        self.write(")")


def refuse_forbidden_nodes(template: nodes.Template) -> None:
    """Refuse what would load other files or switch escaping on.

    Raises:
        jinja2.TemplateSyntaxError: The first such statement, with its line.
    """
    for node in template.find_all(_FORBIDDEN_NODES):
        raise jinja2.TemplateSyntaxError(
            f"{type(node).__name__} is not allowed in a chat template", node.lineno
        )


@jinja2.pass_context
def _print(context: Context, value: object) -> str:
    """The text of `{{ value }}`; taking the context keeps Jinja from calling it while compiling."""
    environment = context.environment
    assert isinstance(environment, TemplateSandbox)
    return to_text(environment.budget, value)


def _raise_exception(message: object) -> None:
    raise RaisedByTemplate(str(message))


def _refuse_private(name: object) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise jinja2.exceptions.SecurityError(f"the namespace name {name!r:.40} begins with _")
