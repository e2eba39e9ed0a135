"""What the conversation's painting takes from the theme: formats, measures, colours.

Made once per theme and zoom, shared by all documents of a tab. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QTextCharFormat

from realm_desktop.ui.chat.blocks import HEATS, Formula, Inset, SpanStyle
from realm_desktop.ui.chat.formula_pictures import FormulaKey, FormulaPicture, FormulaPictures
from realm_desktop.ui.theme import FontRole, Theme

_INSET_PX: dict[Inset, int] = {"quote": 16, "bullet": 20, "ordered": 26}
_HEADINGS: dict[int, FontRole] = {0: "message", 1: "h1", 2: "h2"}
_THOUGHT_ROLES: dict[FontRole, FontRole] = {
    "message": "thought",
    "h1": "row-strong",
    "h2": "row-strong",
    "h3": "row-strong",
}
"""A thought stands back behind its answer: its headings are no larger than its text."""
_BOLD = QFont.Weight.DemiBold
_COLUMN_PX = 780
_TEXT_PX = 740
"""Longer lines are hard to read; code and tables may be wider."""
MARGIN_PX = 24
_LANE_MARGIN_PX = 16
_ANY_COLUMN_PX = 10_000


def column_width(theme: Theme) -> int:
    """Widest column of messages in px."""
    return theme.px(_ANY_COLUMN_PX if theme.is_column_wide else _COLUMN_PX)


class ChatStyle:
    """Fonts, formats and measures, computed once.

    Args:
        theme: Where they come from.
        is_lane: For a lane of a comparison: smaller text and margins.

    Attributes:
        theme: As given.
        column: Widest message column, px.
        text_width: Widest line of text, px.
        margin: Around the messages, px.
        gap: Between the blocks of a message, px.
        tight_gap: Between the items of a list, px.
        code_padding: Left and right of inline code, px.
        is_mirrored: The window begins on the right.
        formulas: Where pictures of formulas come from; without it their source is shown.
        ratio: Device pixels per px that pictures are drawn for.
    """

    def __init__(self, theme: Theme, *, is_lane: bool = False) -> None:
        self.theme = theme
        self.formulas: FormulaPictures | None = None
        self.ratio = 1.0
        self.column = theme.px(_ANY_COLUMN_PX) if is_lane else column_width(theme)
        self.text_width = theme.px(_ANY_COLUMN_PX if theme.is_column_wide else _TEXT_PX)
        self.margin = theme.px(_LANE_MARGIN_PX if is_lane else MARGIN_PX)
        self._is_lane = is_lane
        self._thought: ChatStyle | None = None
        self.gap = theme.px(12)
        self.tight_gap = theme.px(4)
        self.code_padding = theme.px(4)
        direction = QGuiApplication.layoutDirection()
        self.is_mirrored = direction is Qt.LayoutDirection.RightToLeft
        self._formats: dict[tuple[SpanStyle, bool, bool], QTextCharFormat] = {}
        self._syntax: dict[str, QTextCharFormat] = {}
        self._fonts: dict[FontRole, QFont] = {}
        self._line_heights: dict[FontRole, int] = {}
        self._character_widths: dict[FontRole, float] = {}
        self.selection = QTextCharFormat()
        self.selection.setBackground(theme.colour("accent"))
        self.selection.setForeground(theme.colour("accent-text"))
        self.hit = _mark(theme.colour("heat-3"), theme.colour("text"))
        # As the text colour of warnings it stands off from every ground, and so the ground from it.
        self.current_hit = _mark(theme.colour("warning"), theme.colour("surface"))

    @property
    def thought(self) -> ChatStyle:
        """The style of what replies thought: smaller and muted."""
        if self._thought is None:
            self._thought = ThoughtStyle(self.theme)
            self._thought.formulas, self._thought.ratio = self.formulas, self.ratio
        return self._thought

    def px(self, value: float) -> int:
        """A measure of the design at the present zoom."""
        return self.theme.px(value)

    def colour(self, token: str) -> QColor:
        """The colour of a token."""
        return self.theme.colour(token)

    def font(self, role: FontRole) -> QFont:
        """The font of a role; the same object every time."""
        if role not in self._fonts:
            self._fonts[role] = self.theme.font(self._own_role(role))
        return self._fonts[role]

    def line_height(self, role: FontRole) -> int:
        """Height of a line of a role in px."""
        if role not in self._line_heights:
            self._line_heights[role] = self.theme.line_height(self._own_role(role))
        return self._line_heights[role]

    def character_width(self, role: FontRole) -> float:
        """Mean width of a character in px, for estimates; exact in a code font."""
        if role not in self._character_widths:
            metrics = QFontMetricsF(self.font(role))
            width = metrics.horizontalAdvance("etaoin shrdlu") / 13
            self._character_widths[role] = max(width, 1.0)
        return self._character_widths[role]

    def formula_picture(self, formula: Formula, size: int) -> FormulaPicture | None:
        """A formula in the text's colour for a font size in px; None while there is no picture."""
        if self.formulas is None:
            return None
        colour = self.colour("text").name()
        key = FormulaKey(formula.latex, formula.is_display, size, colour, self.ratio)
        return self.formulas.picture(key)

    def heading_role(self, level: int) -> FontRole:
        """The font role of a paragraph (level 0) or heading."""
        return _HEADINGS.get(level, "h3")

    def visual(self, room: QRectF, part: QRectF) -> QRectF:
        """Where a part of a room stands: on the other side in a window from right to left."""
        if not self.is_mirrored:
            return part
        return QRectF(
            room.left() + room.right() - part.right(), part.y(), part.width(), part.height()
        )

    def inset_width(self, insets: tuple[Inset, ...]) -> int:
        """How far text inside these quotes and items is moved in, px."""
        return sum(self.px(_INSET_PX[inset]) for inset in insets)

    def span_format(
        self, style: SpanStyle, *, is_link: bool, is_padded: bool = False
    ) -> QTextCharFormat:
        """The format of a styled stretch; `is_padded` adds the space beside inline code behind it."""
        key = (style, is_link, is_padded)
        if key not in self._formats:
            self._formats[key] = self._new_format(style, is_link=is_link, is_padded=is_padded)
        return self._formats[key]

    def syntax_format(self, token: str) -> QTextCharFormat:
        """The format of a colour token in code."""
        if token not in self._syntax:
            text_format = QTextCharFormat()
            text_format.setForeground(self.colour(token))
            self._syntax[token] = text_format
        return self._syntax[token]

    def _own_role(self, role: FontRole) -> FontRole:
        return "lane" if self._is_lane and role == "message" else role

    def _new_format(self, style: SpanStyle, *, is_link: bool, is_padded: bool) -> QTextCharFormat:
        result = QTextCharFormat()
        if SpanStyle.CODE in style:
            result.setFont(self.font("code"))
        if SpanStyle.BOLD in style:
            result.setFontWeight(_BOLD)
        if SpanStyle.ITALIC in style:
            result.setFontItalic(True)
        if SpanStyle.STRIKE in style:
            result.setFontStrikeOut(True)
        if SpanStyle.MUTED in style:
            result.setForeground(self.colour("text-muted"))
        # A line each, because the colours alone do not tell everybody what changed.
        if SpanStyle.ADDED in style:
            result.setBackground(self.colour("diff-add"))
            result.setFontUnderline(True)
        if SpanStyle.REMOVED in style:
            result.setBackground(self.colour("diff-del"))
            result.setForeground(self.colour("text-muted"))
            result.setFontStrikeOut(True)
        for level, heat in enumerate(HEATS[1:], start=1):
            if heat in style:
                result.setBackground(self.colour(f"heat-{level}"))
        if is_link:
            result.setForeground(self.colour("accent-ink"))
            result.setFontUnderline(True)
        if is_padded:
            result.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
            result.setFontLetterSpacing(self.code_padding)
        return result


class ThoughtStyle(ChatStyle):
    """What replies thought stands back behind their answers."""

    def colour(self, token: str) -> QColor:
        """The colour of a token; text is muted."""
        return super().colour("text-muted" if token == "text" else token)

    def _own_role(self, role: FontRole) -> FontRole:
        return _THOUGHT_ROLES.get(role, role)


def _mark(ground: QColor, ink: QColor) -> QTextCharFormat:
    """The format of a hit; it has its own ink, as code comes in many colours."""
    result = QTextCharFormat()
    result.setBackground(ground)
    result.setForeground(ink)
    return result
