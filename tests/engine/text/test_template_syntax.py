"""Size and nesting of templates before they are parsed."""

from __future__ import annotations

import pytest

from realm_desktop.engine.text.render_budget import LimitReached
from realm_desktop.engine.text.template_sandbox import TemplateSandbox
from realm_desktop.engine.text.template_syntax import MAX_NESTING, check_nesting, check_size
from tests.support.chat_templates import TEMPLATES


def check(source: str) -> None:
    check_nesting(TemplateSandbox().lex(source))


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("{% if a %}", "{% endif %}"),
        ("{% for a in b %}", "{% endfor %}"),
        ("{% set a %}", "{% endset %}"),
        ("{% macro a() %}", "{% endmacro %}"),
        ("{% generation %}", "{% endgeneration %}"),
        ("{% with %}", "{% endwith %}"),
    ],
)
def test_nested_tags_are_counted(opening: str, closing: str) -> None:
    with pytest.raises(LimitReached, match="nested"):
        check(opening * (MAX_NESTING + 1) + closing * (MAX_NESTING + 1))


def test_tags_one_after_the_other_are_not_nested() -> None:
    check("{% if a %}{% endif %}{% set a = 1 %}{% for x in y %}{% endfor %}" * 1000)


def test_a_comma_ends_a_chain() -> None:
    check("{{ [" + "a.b + c, " * 1000 + "] }}")


def test_brackets_add_to_open_tags() -> None:
    source = "{% if a %}" * 200 + "{{ " + "(" * 100

    with pytest.raises(LimitReached, match="nested"):
        check(source)


def test_text_and_comments_are_not_counted() -> None:
    check("(" * 1000 + "{# " + "(" * 1000 + " #}{% raw %}" + "{{ (" * 1000 + "{% endraw %}")


@pytest.mark.parametrize("name", TEMPLATES)
def test_usual_templates_pass(name: str) -> None:
    check_size(TEMPLATES[name])
    check(TEMPLATES[name])


def test_size_is_counted_in_bytes() -> None:
    check_size("\u00fc" * (1 << 19))

    with pytest.raises(LimitReached, match="bytes"):
        check_size("\u00fc" * ((1 << 19) + 1))
