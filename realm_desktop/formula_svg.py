r"""LaTeX formulas to drawings: SVG of paths and boxes, measured around their baseline.

Formulas come from strangers. The cost of the typesetting doubles with every level of nesting (40 ms
for a sum with limits, 160 ms for five nested fractions, minutes for fourteen), so length and depth
are bounded first and the time last. What comes out is checked: only elements that draw, no
addresses. Knows nothing of Qt; for a thread beside the GUI's.
"""

from __future__ import annotations

import re
import threading
import warnings
from functools import lru_cache
from typing import Final, NamedTuple

from realm_desktop.deadline import DeadlineReached, run_with_deadline

MAX_LATEX: Final = 1_000
MAX_DEPTH: Final = 6
DEADLINE_S: Final = 1.0
UNIT_PX: Final = 24
"""Font size that drawings are made for."""

MAX_SVG: Final = 512 * 1024
MAX_SIDE_PX: Final = 20_000

_CACHED: Final = 512
_OPENING: Final = re.compile(r"\\begin\b|\\left\b|\{|\\(?:end|right)\b|\}")
_CLOSING: Final = ("\\end", "\\right", "}")
_VIEW_BOX: Final = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')
_TAGS: Final = re.compile(r"<([^\s/>]*)")
_DRAWING_TAGS: Final = frozenset({"svg", "path", "rect", "line", "g", ""})
_ADDRESSES: Final = re.compile(r"href|url\(|@import|<!|<\?", re.IGNORECASE)
# ziamath keeps its settings and fonts in module globals.
_LOCK: Final = threading.Lock()


class FormulaSvg(NamedTuple):
    """A drawing at UNIT_PX.

    Attributes:
        source: SVG in black, without any address.
        ascent: Height above the baseline, px.
        descent: Depth below it, px.
    """

    source: str
    width: float
    ascent: float
    descent: float

    def coloured(self, colour: str) -> str:
        """The SVG with another colour where it is black."""
        return self.source.replace('fill="black"', f'fill="{colour}"').replace(
            "<svg ", f'<svg fill="{colour}" ', 1
        )


def is_formula(latex: str) -> bool:
    """Whether `formula_svg` would try: short enough, and not nested too deeply."""
    return 0 < len(latex) <= MAX_LATEX and bool(latex.strip()) and _depth(latex) <= MAX_DEPTH


@lru_cache(maxsize=_CACHED)
def formula_svg(latex: str, *, is_display: bool) -> FormulaSvg | None:
    """The drawing of a formula; None for one that cannot be set. Takes at most about a second.

    Args:
        latex: Without delimiters.
        is_display: Set as a line of its own: limits above and below, full-size fractions.
    """
    if not is_formula(latex):
        return None
    try:
        with _LOCK:
            source = run_with_deadline(lambda: _typeset(latex, is_display=is_display), DEADLINE_S)
        return _checked(source)
    # The libraries answer bad LaTeX with a dozen kinds of exception, IndexError among them.
    except (Exception, DeadlineReached):  # noqa: BLE001  # border to a library fed by strangers
        return None


def _typeset(latex: str, *, is_display: bool) -> str:
    with warnings.catch_warnings():
        # It reads its fonts by a call of importlib.resources that Python 3.11 warns of.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Half a second that no start waits for.
        from ziamath.config import config
        from ziamath.zmath import Latex

    # QtSvg does not draw <symbol> and <use>.
    config.svg2 = False
    return str(Latex(latex, size=UNIT_PX, inline=not is_display).svg())


def _checked(source: str) -> FormulaSvg | None:
    """The measures of a drawing; None for one that is too large, or more than a drawing."""
    found = _VIEW_BOX.search(source)
    if found is None or len(source) > MAX_SVG or _ADDRESSES.search(_without_root(source)):
        return None
    if not _DRAWING_TAGS.issuperset(_TAGS.findall(source)):
        return None
    _, top, width, height = (float(value) for value in found.groups())
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
        return None
    # The origin of the drawing is the beginning of its baseline.
    plain = source.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "", 1)
    return FormulaSvg(plain, width, -top, height + top)


def _without_root(source: str) -> str:
    return source[source.find(">") + 1 :]


def _depth(latex: str) -> int:
    """Deepest nesting of groups."""
    depth = deepest = 0
    for sign in _OPENING.findall(latex):
        depth += -1 if sign in _CLOSING else 1
        deepest = max(deepest, depth)
    return deepest
