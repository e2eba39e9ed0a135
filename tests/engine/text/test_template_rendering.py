"""Templates that want too much, and how failures are told."""

from __future__ import annotations

import gc
import resource
import threading
import time
from collections.abc import Iterator

import pytest

from realm_desktop.engine.text.template_rendering import LIMITS, CompiledTemplate
from realm_desktop.errors import TemplateError
from tests.support.rendering import render

_DOUBLE = "{%% set ns = namespace(s='aaaaaaaa') %%}{%% for i in range(99) %%}{%% set ns.s = %s %%}{%% endfor %%}"
_BOMBS = [
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}a{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}{{ i * j }}{% endfor %}{% endfor %}",
    "{% set x %}{% for i in range(99999) %}{% for j in range(99999) %}a{% endfor %}{% endfor %}{% endset %}",
    "{% macro f() %}{% for i in range(99999) %}{{ 'aaaa' * 999 }}{% endfor %}{% endmacro %}{{ f() }}",
    "{% filter upper %}{% for i in range(99999) %}{{ 'aaaa' * 999 }}{% endfor %}{% endfilter %}",
    "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "{{ range(99999999) }}",
    "{{ 'a' * 999999999 }}",
    "{{ 999999999 * 'a' }}",
    "{{ [0] * 999999999 }}",
    "{{ (0,) * 999999999 }}",
    "{{ 10 ** 999999999 }}",
    "{{ 99999 ** 99999 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%.999999999f' % 1 }}",
    "{{ '%*d' % (999999999, 1) }}",
    "{{ '%999999999s'|format('a') }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ '{:.999999999f}'.format(1.5) }}",
    "{{ '{:{w}}'.format(1, w=999999999) }}",
    "{{ 'a'|center(999999999) }}",
    "{{ 'a'.center(999999999) }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ 'a'.rjust(999999999) }}",
    "{{ '1'.zfill(999999999) }}",
    "{{ '\t'.expandtabs(999999999) }}",
    "{{ 'a\n'|indent(999999999) }}",
    "{{ [1]|tojson(indent=999999999) }}",
    "{{ [1, 2]|tojson(separators=(' ' * 9999999, ':')) }}",
    "{{ 1|round(999999999, 'ceil') }}",
    "{{ 1|round(-999999999) }}",
    "{{ ('9' * 4000)|int * ('9' * 4000)|int }}",
    "{{ ('f' * 999999)|int(base=16) // 3 }}",
    "{{ ('1' * 999999)|float }}",
    _DOUBLE % "ns.s ~ ns.s",
    _DOUBLE % "ns.s + ns.s",
    _DOUBLE % "ns.s * 2",
    _DOUBLE % "'%s%s' % (ns.s, ns.s)",
    _DOUBLE % "'{0}{0}'.format(ns.s)",
    _DOUBLE % "'%s%s'|format(ns.s, ns.s)",
    _DOUBLE % "[ns.s, ns.s]|join",
    _DOUBLE % "''.join([ns.s, ns.s])",
    _DOUBLE % "ns.s.join(['a', 'a', 'a'])",
    _DOUBLE % "ns.s.replace('a', 'aa')",
    _DOUBLE % "ns.s|replace('', 'a')",
    _DOUBLE % "ns.s.replace('', ns.s)",
    _DOUBLE % "(ns.s|escape) ~ ns.s",
    _DOUBLE % "((ns.s|safe) + '&&') ~ ns.s",
    _DOUBLE % "[ns.s, ns.s]",
    _DOUBLE % "(ns.s, ns.s)",
    _DOUBLE % "{'a': ns.s, 'b': ns.s}",
    _DOUBLE % "dict(a=ns.s, b=ns.s)",
    _DOUBLE % "[ns.s] + [ns.s]",
    _DOUBLE % "[[ns.s, ns.s]]|list",
    _DOUBLE % "[ns.s, ns.s]|map('list')|list",
    _DOUBLE % "[ns.s, ns.s]|string",
    _DOUBLE % "[ns.s, ns.s]|tojson",
    _DOUBLE % "[[ns.s], [ns.s]]|sum(start=[])",
    "{% set ns = namespace(s=['a']) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "{% set ns = namespace(s='a') %}{% for i in range(99999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
    "{% set ns = namespace(s=1) %}{% for i in range(99999) %}{% set ns.s = (ns.s,) %}{% endfor %}{{ {ns.s: 1} }}",
    "{{ 'x,' * 999999 * 9 }}{{ ('x,' * 9999999).split(',') }}",
    "{{ ('a b ' * 4999999).split() }}",
    "{{ 'ab'|list * 9999999 }}",
    "{{ ('a' * 8000000).strip('b' * 8000000 ~ 'a') }}",
    "{{ ('a' * 8000000)|trim('b' * 8000000 ~ 'a') }}",
    "{{ ('a' * 8000000).rfind('ab' ~ 'a' * 99999) }}",
    "{{ ('a' * 8000000).rsplit('ab' ~ 'a' * 99999) }}",
    "{{ ('a' * 8000000).count('a' * 99 ~ 'b') }}",
    "{{ ('a' * 8000000)|replace('a' * 99 ~ 'b', 'c') }}",
    "{% set d = {'a': 'x' * 999999}.items() %}{{ [d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d] }}",
    "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
    "{{ " + "[" * 300 + "]" * 300 + " }}",
    "{{ " + "not " * 300 + "1 }}",
    "{{ " + "-" * 300 + "1 }}",
    "{{ a" + ".b" * 300 + " }}",
    "{{ a" + "[0]" * 300 + " }}",
    "{{ a" + "|list" * 300 + " }}",
    "{{ 1" + " + 1" * 300 + " }}",
    "{{ 1" + " if 1 else 1" * 300 + " }}",
    "{% if a %}" * 300 + "{% endif %}" * 300,
    "{% if a %}" + "{% elif b %}" * 300 + "{% endif %}",
    "{% for i in a %}" * 300 + "{% endfor %}" * 300,
    "{% set x %}" * 300 + "{% endset %}" * 300,
    "{{ a }}" * 20_000,
    "{{ [" + "1," * 60_000 + "] }}",
    "x" * (1 << 20) + "x",
]


@pytest.fixture
def _no_collections() -> Iterator[None]:
    """Hypothesis times collections in a callback, where the end of the time would be told as lost."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collections")
@pytest.mark.parametrize("source", _BOMBS, ids=range(len(_BOMBS)))
def test_a_bomb_ends_in_time_with_an_error(source: str) -> None:
    started_s = time.process_time()

    with pytest.raises(TemplateError) as caught:
        render(source, a=[[]])

    assert time.process_time() - started_s < 3.0  # the limit is 0.5 s; all threads together
    assert caught.value.message


def test_namespaces_that_hold_each_other_print_shortly() -> None:
    source = "{% set ns = namespace(a=1) %}{% set ns.a = ns %}{{ '%s' % ns }}{{ [ns] }}{{ '{!r}'.format(ns) }}"

    assert len(render(source)) < 100


def test_searching_a_long_text_in_another_ends_in_time() -> None:
    started_s = time.process_time()

    assert render("{{ ('a' * 49 ~ 'b' ~ 'a' * 49) in ('a' * 8000000) }}") == "False"

    assert time.process_time() - started_s < 3.0


def test_bombs_take_little_memory() -> None:
    render("warm")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for source in _BOMBS[3:8] + _BOMBS[36:60]:
        with pytest.raises(TemplateError):
            render(source)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 96 << 10  # KiB: the limit of 64 MiB and the allocator's slack


@pytest.mark.parametrize("limit", ["memory", "output", "nesting", "size", "time"])
def test_the_broken_limit_is_named(limit: str) -> None:
    source = {
        "memory": "{{ 'a' * 999999999 }}",
        "output": "{{ 'a' * 99999 }}",
        "nesting": "{{ " + "(" * 300 + ")" * 300 + " }}",
        "size": "{{ 2 ** 99999 }}",
        "time": _BOMBS[0],
    }[limit]

    with pytest.raises(TemplateError, match=f"{limit} limit") as caught:
        render(source, max_characters=1000)

    assert caught.value.field == limit
    assert limit in LIMITS
    assert caught.value.advice


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("a\n{{ x.y }}", 2),
        ("a\n\n{% if %}", 3),
        ("\n\n\n{{ raise_exception('no') }}", 4),
        ("{{ 1 }}\n{{ 1 / 0 }}\n", 2),
        ("\n{{ 'a'|nofilter }}", 2),
        ("\n{% include 'x' %}", 2),
        ("{% macro f() %}\n{{ 1 / 0 }}\n{% endmacro %}\n\n{{ f() }}", 2),
    ],
)
def test_a_failure_names_its_line(source: str, line: int) -> None:
    with pytest.raises(TemplateError, match=f"line {line}"):
        render(source)


def test_the_template_can_refuse_a_conversation() -> None:
    with pytest.raises(TemplateError, match="refuses the conversation: roles must alternate"):
        render("{{ raise_exception('roles must alternate') }}")


def test_control_characters_of_a_message_are_escaped() -> None:
    with pytest.raises(TemplateError) as caught:
        render("{{ raise_exception('a\\n\x1b[31m\u202eb') }}")

    assert caught.value.message.isprintable()


def test_a_long_message_is_cut() -> None:
    with pytest.raises(TemplateError) as caught:
        render("{{ raise_exception('a' * 99999) }}")

    assert len(caught.value.message) < 500


def test_no_thread_is_left_behind() -> None:
    with pytest.raises(TemplateError, match="time"):
        render(_BOMBS[0])

    assert not [thread for thread in threading.enumerate() if thread.name == "deadline"]


def test_a_template_renders_again_after_a_failure() -> None:
    template = CompiledTemplate("{{ 1 // x }}")
    with pytest.raises(TemplateError):
        template.render({"x": 0}, clock_s=0.0, max_output_characters=10)

    assert template.render({"x": 1}, clock_s=0.0, max_output_characters=10) == "1"


def test_the_budget_is_new_for_each_rendering() -> None:
    template = CompiledTemplate("{{ ('a' * 8000000)|length }}")

    for _ in range(10):
        assert template.render({}, clock_s=0.0, max_output_characters=10) == "8000000"


def test_a_long_conversation_renders_in_time() -> None:
    messages = [{"role": "user", "content": "word " * 200}] * 1000
    source = "{% for m in messages %}{{ '<' + m.role + '>' + m.content + '\\n' }}{% endfor %}"

    text = render(source, messages=messages, max_characters=1 << 22)

    assert len(text) == 1000 * 1007
