"""What templates can reach, and that nothing else can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import realm_desktop
from realm_desktop.errors import TemplateError
from tests.support.rendering import render

_ENVIRONMENT = re.compile(r"SandboxedEnvironment|jinja2\.Environment|jinja2 import .*Environment")
_ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'].__mro__ }}",
    "{{ ()|attr('__class__')|attr('__base__') }}",
    "{{ messages.__class__.__init__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ self['_TemplateReference__context'].environment }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ dict.__class__.__mro__ }}",
    "{{ range.__self__.x }}",
    "{{ raise_exception.__globals__.os }}",
    "{{ strftime_now.__self__.budget }}",
    "{{ strftime_now.__func__.__globals__ }}",
    "{{ ''.format.__self__.x }}",
    "{{ '{0.__class__.__mro__}'.format('') }}",
    "{{ '{0[__class__].x}'.format('') }}",
    "{{ '{x.__class__.__mro__}'.format_map({'x': ''}) }}",
    "{{ messages|map(attribute='__class__')|map(attribute='__mro__')|first|first }}",
    "{{ (messages|groupby('__class__'))[0].x.y }}",
    "{% set ns = namespace(__class__=1) %}",
    "{% set ns = namespace() %}{% set ns.__class__ = 1 %}",
    "{{ messages.append(1) }}",
    "{{ messages.pop() }}",
    "{{ messages[0].update({'role': 'x'}) }}",
    "{{ messages[0].clear() }}",
    "{{ messages[0].pop('role') }}",
    "{{ messages.sort() }}",
    "{{ x.gi_frame.f_back }}{% macro f() %}{{ f.__globals__.x }}{% endmacro %}{{ f() }}",
    "{{ loop.x.y }}{% for m in messages %}{{ loop._iterable.x }}{% endfor %}",
    "{% for m in messages %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{{ (messages|map('length')).gi_frame.f_globals }}",
    "{{ 'x'.encode('utf-16') }}",
    "{{ 'x'.translate({120: 'y'}) }}",
    "{{ 1 .__class__.x }}",
    "{{ none.__class__.__base__.x }}",
    "{% include 'file' %}",
    "{% import 'file' as f %}",
    "{% from 'file' import f %}",
    "{% extends 'file' %}",
    "{% autoescape true %}{{ 'a' }}{% endautoescape %}",
    "{{ messages|pprint }}",
    "{{ messages|random }}",
    "{{ 'x'|xmlattr }}",
    "{{ ''|attr('x') }}",
    "{% debug %}",
    "{% do messages.append(1) %}",
]


@pytest.mark.parametrize("source", _ESCAPES)
def test_no_way_leads_out_of_the_sandbox(source: str) -> None:
    with pytest.raises(TemplateError):
        render(source, messages=[{"role": "user"}])


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ messages.__class__ }}",
        "{{ self.__init__ }}",
        "{{ lipsum }}{{ cycler }}{{ joiner }}{{ environment }}{{ context }}",
        "{{ messages.append }}",
        "{{ ''['__class__'] }}",
        "{{ [1].__len__ }}",
        "{{ [messages]|map(attribute='append')|first|first }}",
    ],
)
def test_what_is_out_of_reach_is_undefined(source: str) -> None:
    assert render(source, messages=[]) == ""


def test_printing_an_object_tells_its_kind_only() -> None:
    text = render(
        "{{ namespace(a=1) }} {{ range }} {{ [1]|map('string') }} {{ self }} {{ ''.strip }}"
    )

    assert "0x" not in text
    assert " at " not in text


def test_one_place_constructs_an_environment() -> None:
    folder = Path(realm_desktop.__file__).parent
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}

    environments = [name for name, text in sources.items() if _ENVIRONMENT.search(text)]
    constructions = [
        name for name, text in sources.items() for _ in re.findall(r"TemplateSandbox\(\)", text)
    ]

    assert environments == ["template_sandbox.py"]
    assert constructions == ["template_rendering.py"]


def test_keys_of_messages_are_attributes() -> None:
    message = {"role": "user", "count": 3, "append": 4}

    assert (
        render("{{ m.role }}{{ m['role'] }}{{ m.count }}{{ m.append }}", m=message) == "useruser34"
    )


def test_methods_come_before_keys_as_in_jinja() -> None:
    assert render("{{ m.items()|list }}", m={"items": 1}) == "[('items', 1)]"


def test_a_namespace_value_of_none_stays_none() -> None:
    assert render("{% set ns = namespace(a=none) %}{{ ns.a }}{{ ns.a is none }}") == "NoneTrue"


def test_loops_can_be_left_and_continued() -> None:
    source = "{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}"

    assert render(source) == "023"


def test_loop_knows_its_neighbours() -> None:
    source = "{% for i in [1, 2] %}{{ loop.previtem }}<{{ loop.cycle('a', 'b') }}>{{ loop.nextitem }}{% endfor %}"

    assert render(source) == "<a>21<b>"


def test_generation_blocks_render_their_content() -> None:
    assert render("a{% generation %}{{ x }}{% endgeneration %}b", x=1) == "a1b"


def test_macros_and_call_blocks_work() -> None:
    source = "{% macro f(x) %}<{{ x }}{{ caller() }}>{% endmacro %}{% call f(1) %}c{% endcall %}"

    assert render(source) == "<1c>"


def test_recursive_loops_work() -> None:
    source = "{% for n in t recursive %}{{ n.v }}{{ loop(n.c) }}{% endfor %}"

    assert render(source, t=[{"v": 1, "c": [{"v": 2, "c": []}]}]) == "12"


def test_blocks_can_be_repeated_through_self() -> None:
    assert render("{% block a %}x{% endblock %}{{ self.a() }}") == "xx"


def test_dict_and_namespace_are_made_from_names() -> None:
    assert render("{{ dict(a=1, b='x') }}{{ dict([('k', 2)]).k }}") == "{'a': 1, 'b': 'x'}2"


def test_the_clock_of_the_request_is_shown() -> None:
    assert render("{{ strftime_now('%Y') }}", clock_s=1_000_000_000.0) == "2001"


@pytest.mark.parametrize("form", ["%999999999d", "%" * 200, "%5Y"])
def test_a_date_format_with_width_is_refused(form: str) -> None:
    with pytest.raises(TemplateError, match="date format"):
        render("{{ strftime_now(form) }}", form=form)


def test_slices_work_as_in_python() -> None:
    assert render("{{ x[1:] }}{{ x[::-1] }}{{ y[:1] }}", x="abc", y=[1, 2]) == "bccba[1]"


def test_undefined_prints_nothing_and_fails_when_used() -> None:
    assert render("{{ missing }}{{ missing is defined }}") == "False"
    with pytest.raises(TemplateError, match="'missing' is undefined"):
        render("{{ missing.x }}")
