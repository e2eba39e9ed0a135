"""Formulas as drawings, and what strangers write instead of them."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from realm_desktop import formula_svg as module
from realm_desktop.formula_svg import MAX_DEPTH, MAX_LATEX, FormulaSvg, formula_svg, is_formula


def _drawn(latex: str, *, is_display: bool = False) -> FormulaSvg:
    drawing = formula_svg(latex, is_display=is_display)
    assert drawing is not None, latex
    return drawing


@pytest.mark.parametrize(
    "latex",
    [
        "x",
        r"E=mc^2",
        r"\int_0^\infty e^{-x^2}\,dx=\frac{\sqrt{\pi}}{2}",
        r"\begin{pmatrix}a&b\\c&d\end{pmatrix}",
        r"\begin{aligned}a&=b\\&=c\end{aligned}",
        r"\begin{cases}1&x>0\\0&\text{else}\end{cases}",
        r"\forall x\in\mathbb{R}: x^2\ge 0",
        r"\left(\frac{a}{b}\right)^n",
        r"\textcolor{red}{x}\boxed{y}",
    ],
)
def test_common_formulas_are_drawn(latex: str) -> None:
    drawing = _drawn(latex)

    assert drawing.source.startswith("<svg ")
    assert drawing.width > 5
    assert drawing.ascent > 5
    assert drawing.descent > -5


def test_display_form_is_higher() -> None:
    latex = r"\sum_{n=1}^\infty n"

    assert _drawn(latex, is_display=True).ascent > _drawn(latex).ascent


def test_fraction_reaches_below_the_baseline() -> None:
    assert _drawn(r"\frac{a}{b}").descent > _drawn("a").descent + 3


def test_colour_takes_the_place_of_black_alone() -> None:
    source = _drawn(r"x\textcolor{red}{y}\frac12").coloured("#123456")

    assert 'fill="#123456"' in source
    assert 'fill="red"' in source
    assert "black" not in source


@pytest.mark.parametrize(
    "latex",
    ["", "  ", "{", r"\frac{a", r"\begin{x}", "x_1_2", r"\def\a{\a}\a", "&", r"\left("],
)
def test_what_cannot_be_set_has_no_drawing(latex: str) -> None:
    assert formula_svg(latex, is_display=False) is None


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<image href='file:///etc/passwd'/>}",
        r"\text{<mglyph src='/etc/passwd'></mglyph>}",
        r"\href{file:///etc/passwd}{x}",
        r"\includegraphics{/etc/passwd}",
        r"\input{/etc/passwd}",
        r"\color{url(http://example.org/x)}y",
        r'\textcolor{"/><image href="file:///x}{y}',
        r"\text{<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;}",
    ],
)
def test_no_drawing_has_an_address(latex: str) -> None:
    drawing = formula_svg(latex, is_display=False)

    assert drawing is None or not any(
        word in drawing.source for word in ("href", "url(", "<image", "root:", "<!")
    )


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{1}{" * 40 + "x" + "}" * 40,
        r"\sqrt{" * (MAX_DEPTH + 1) + "x" + "}" * (MAX_DEPTH + 1),
        "{" * 400 + "x" + "}" * 400,
        r"\left(" * 60 + "x" + r"\right)" * 60,
        "x" * (MAX_LATEX + 1),
    ],
)
def test_too_deep_and_too_long_is_refused_before_it_costs_anything(latex: str) -> None:
    assert not is_formula(latex)
    start_s = time.thread_time()

    assert formula_svg(latex, is_display=False) is None
    assert time.thread_time() - start_s < 0.05


def test_formula_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_latex: str, *, is_display: bool) -> str:
        while True:
            is_display = not is_display

    monkeypatch.setattr(module, "_typeset", endless)
    monkeypatch.setattr(module, "DEADLINE_S", 0.05)

    assert formula_svg("never seen before", is_display=True) is None


def test_nested_to_the_limit_ends_in_time() -> None:
    start_s = time.perf_counter()
    formula_svg(r"\frac{1}{" * MAX_DEPTH + "x" + "}" * MAX_DEPTH, is_display=True)

    assert time.perf_counter() - start_s < 2 * module.DEADLINE_S + 1


def test_library_is_imported_with_the_first_formula_alone() -> None:
    code = "import sys, realm_desktop.formula_svg as f; assert 'ziamath' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)
