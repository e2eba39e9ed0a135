"""Compiles and renders one chat template within its limits; every failure is a `TemplateError`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TypeVar

import jinja2

from realm_desktop.deadline import DeadlineReached, run_with_deadline
from realm_desktop.engine.text.render_budget import LimitReached, RenderBudget
from realm_desktop.engine.text.template_sandbox import (
    RaisedByTemplate,
    TemplateSandbox,
    refuse_forbidden_nodes,
)
from realm_desktop.engine.text.template_syntax import check_nesting, check_size
from realm_desktop.errors import TemplateError
from realm_desktop.formats.corruption import quote

logger = logging.getLogger(__name__)

DEADLINE_S = 0.5
LIMITS = frozenset(["memory", "output", "nesting", "size", "time"])

_ADVICE = "Choose another model, or another template for it."
_MAX_REASON = 300

T = TypeVar("T")


class CompiledTemplate:
    """A template ready to render. Used by one thread.

    Args:
        source: The template's text.

    Raises:
        TemplateError: It is too large, nested too deep, or no valid template.
    """

    def __init__(self, source: str) -> None:
        self._environment = TemplateSandbox()
        self._template: jinja2.Template | None = None
        self._template = self._guarded(lambda: self._compile(source))

    def render(
        self, variables: Mapping[str, object], *, clock_s: float, max_output_characters: int
    ) -> str:
        """The text of the template.

        Args:
            variables: Plain values only: None, bool, int, float, str, lists and dicts of these.
            clock_s: Unix time that `strftime_now` shows.
            max_output_characters: Longest text.

        Raises:
            TemplateError: It failed or broke a limit; `field` is the line or the limit.
        """
        budget = RenderBudget(max_output_characters)
        self._environment.budget = budget
        self._environment.clock_s = clock_s
        try:
            return self._guarded(lambda: self._render(variables, budget))
        finally:
            # The old budget holds on to the conversation.
            self._environment.budget = RenderBudget(0)

    def _compile(self, source: str) -> jinja2.Template:
        check_size(source)
        check_nesting(self._environment.lex(source))
        tree = self._environment.parse(source)
        refuse_forbidden_nodes(tree)
        return self._environment.from_string(tree)

    def _render(self, variables: Mapping[str, object], budget: RenderBudget) -> str:
        assert self._template is not None
        budget.weigh(dict(variables))
        context = self._template.new_context(dict(variables))
        pieces: list[str] = []
        for piece in self._template.root_render_func(context):
            budget.output(piece)
            pieces.append(piece)
        return "".join(pieces)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return run_with_deadline(work, DEADLINE_S)
        except LimitReached as error:
            raise _failure(str(error), error.limit) from error
        except DeadlineReached as error:
            raise _failure(f"it took longer than {DEADLINE_S:g} s", "time") from error
        except RaisedByTemplate as error:
            reason = f"it refuses the conversation: {quote(str(error), _MAX_REASON)}"
            raise _failure(reason, self._place(error)) from error
        except (MemoryError, RecursionError) as error:
            raise _failure(f"it was stopped ({type(error).__name__})", "memory") from error
        except Exception as error:
            reason = quote(f"{type(error).__name__}: {error}", _MAX_REASON)
            raise _failure(reason, self._place(error)) from error

    def _place(self, error: Exception) -> str:
        """Where in the template an error arose, as `line N`."""
        if isinstance(error, jinja2.TemplateSyntaxError):
            return f"line {error.lineno}"
        line = 0
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            is_template = "__jinja_template__" in trace.tb_frame.f_globals
            if is_template and self._template is not None:
                line = self._template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return f"line {line}" if line else "template"


def _failure(reason: str, place: str) -> TemplateError:
    where = f"breaks the {place} limit" if place in LIMITS else f"fails in {place}"
    return TemplateError(f"the chat template {where}: {reason}", advice=_ADVICE, field=place)
