"""A list whose rows have a name with figures above and facts below. Draws; decides nothing. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.row_ground import paint_list_ground
from realm_desktop.ui.widgets.row_models import Index, SpokenListModel
from realm_desktop.ui.widgets.row_text import paint_row_text

_ROW_PX = 46


@dataclass(frozen=True, slots=True)
class TwoLineRow:
    """One row; all texts are plain.

    Attributes:
        key: Names the row for its owner.
        text: The name, above.
        facts: Below.
        figure: At the end of the upper line, such as a size.
        badge: Icon, colour token and words before the figure; None without one.
        mark: A word after the name that stands out, such as "recommended".
    """

    key: str
    text: str
    facts: str = ""
    figure: str = ""
    badge: tuple[IconName, str, str] | None = None
    mark: str = ""

    @property
    def spoken(self) -> str:
        """The whole row for a screen reader."""
        badge = "" if self.badge is None else self.badge[2]
        return ", ".join(filter(None, (self.text, self.mark, badge, self.figure, self.facts)))


class TwoLineModel(SpokenListModel[TwoLineRow]):
    """The rows of such a list."""


class TwoLineDelegate(QStyledItemDelegate):
    """Paints the rows."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines."""
        return QSize(self._theme.px(200), self._theme.px(_ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: TwoLineRow = index.data(Qt.ItemDataRole.UserRole)
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_list_ground(painter, option, theme)
        inner = option.rect.adjusted(theme.px(10), theme.px(4), -theme.px(10), -theme.px(4))
        half = inner.height() // 2
        upper = QRect(inner.x(), inner.y(), inner.width(), half)
        lower = QRect(inner.x(), inner.y() + half, inner.width(), half)
        upper.setRight(self._paint_end(painter, option, row, upper))
        name_role: FontRole = "row-strong" if row.mark else "interface"
        width = self._text(painter, option, upper, row.text, (name_role, "text"))
        mark = upper.adjusted(width + theme.px(8), 0, 0, 0)
        if row.mark and mark.width() > 0:
            self._text(painter, option, mark, row.mark, ("stats-strong", "accent-ink"))
        self._text(painter, option, lower, row.facts, ("stats", "text-muted"))
        painter.restore()

    def _paint_end(
        self, painter: QPainter, option: QStyleOptionViewItem, row: TwoLineRow, area: QRect
    ) -> int:
        """Draw badge and figure at the end of the upper line; returns where they begin."""
        theme = self._theme
        right = area.right()
        metrics = QFontMetrics(theme.font("stats"))
        if row.figure:
            width = metrics.horizontalAdvance(row.figure) + 1
            place = QRect(right - width, area.y(), width, area.height())
            self._text(painter, option, place, row.figure, ("stats", "text-muted"))
            right -= width + theme.px(14)
        if row.badge is not None:
            picture, token, words = row.badge
            width = metrics.horizontalAdvance(words) + 1
            place = QRect(right - width, area.y(), width, area.height())
            self._text(painter, option, place, words, ("stats", token))
            sign = QRect(place.x() - theme.px(20), area.y(), theme.px(14), area.height())
            visual = QStyle.visualRect(option.direction, option.rect, sign)
            paint_icon(painter, visual, theme, picture, token, 14)
            right = sign.x() - theme.px(12)
        return right

    def _text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        text: str,
        look: tuple[FontRole, str],
    ) -> int:
        return paint_row_text(painter, option, area, text, self._theme, look)


class TwoLineList(QListView):
    """The list with its model and delegate."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TwoLineModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(TwoLineDelegate(theme, self))
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self.doItemsLayout)

    @property
    def current_key(self) -> str:
        """Key of the chosen row; "" if none is."""
        # Not the current row: Qt makes the first one current when the list gets the focus.
        chosen = self.selectionModel().selectedIndexes()
        return self.rows.rows[chosen[0].row()].key if chosen else ""

    def choose(self, key: str) -> None:
        """Make a row the chosen one, if it is listed."""
        for place, row in enumerate(self.rows.rows):
            if row.key == key:
                self.setCurrentIndex(self.rows.index(place, 0))
