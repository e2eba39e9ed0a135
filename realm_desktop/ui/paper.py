"""Puts pieces of HTML on the pages of a printer or a PDF file, a slice of time at a time.

Qt lays text out in the GUI thread; each piece is small and the event loop runs between them, so the
window never waits. Nothing is loaded, whatever a piece names. GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final, NamedTuple

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QMarginsF,
    QRectF,
    Qt,
    QUrl,
)
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextDocument,
    QTextOption,
)

from realm_desktop.errors import ExportError
from realm_desktop.exchange.inert_html import formula_of
from realm_desktop.ui.chat.formula_pictures import FormulaKey, draw_formula
from realm_desktop.ui.theme import PaperInk, Theme

_LAYOUT_DPI: Final = 96
_PDF_DPI: Final = 600
_MARGIN_MM: Final = 18
_FOOT_PX: Final = 24
_FORMULA_PX: Final = 14
_FORMULA_RATIO: Final = 6.0
_WHOLE: Final = QUrl.ComponentFormattingOption.FullyEncoded
_PIECE_GAP_PX: Final = 6

_INK: Final = PaperInk()

_STYLE: Final = f"""
h1 {{ font-size: 20px; }} h2 {{ font-size: 17px; }} h3, h4, h6 {{ font-size: 15px; }}
h5 {{ font-size: 12px; color: {_INK.quiet}; margin-top: 14px; margin-bottom: 0px; }}
p.state {{ font-size: 11px; color: {_INK.quiet}; }}
p.typed {{ white-space: pre-wrap; background-color: {_INK.typed_ground}; }}
pre {{ background-color: {_INK.code_ground}; white-space: pre-wrap; font-size: 12px; }}
td, th {{ padding: 3px; }} a {{ color: {_INK.text}; }}
"""


class _Slice(NamedTuple):
    """The part of a laid-out piece that goes on one page, in its own pixels."""

    top: float
    bottom: float
    begins_page: bool


class InertDocument(QTextDocument):
    """A document that asks for nothing but formulas, which are drawn here."""

    def loadResource(self, _kind: int, name: QUrl | str) -> QByteArray | QImage:
        """The picture of a formula; nothing, whatever else is asked for."""
        address = name.toString(_WHOLE) if isinstance(name, QUrl) else name
        found = formula_of(address)
        if found is None:
            return QByteArray()
        latex, is_display = found
        key = FormulaKey(latex, is_display, _FORMULA_PX, _INK.text, _FORMULA_RATIO)
        picture = draw_formula(key)
        return QByteArray() if picture is None else picture.image


class Paper:
    """The pages of one document; use it once.

    Args:
        device: A printer or PDF writer that nothing was drawn on.
        theme: Gives the font of the text.
    """

    def __init__(self, device: QPagedPaintDevice, theme: Theme) -> None:
        self._device = device
        self._painter = QPainter()
        self._font = theme.font("interface")
        # Paper does not follow the zoom of the window.
        self._font.setPixelSize(13)
        self._y = 0.0
        self.num_pages = 1

    async def draw(self, pieces: Iterator[str]) -> None:
        """Draw every piece below the one before it.

        Raises:
            ExportError: The printer or the file refused.
        """
        if not self._painter.begin(self._device):
            raise _refused()
        try:
            scale = self._device.logicalDpiX() / _LAYOUT_DPI
            self._painter.scale(scale, scale)
            # Inside the margins, which the device has already moved the origin by.
            self._width = self._device.width() / scale
            self._height = self._device.height() / scale - _FOOT_PX
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                self._draw_piece(piece)
                await asyncio.sleep(0)
            self._draw_foot()
        finally:
            self._painter.end()

    def _draw_piece(self, html: str) -> None:
        document = InertDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(self._font)
        document.setDefaultStyleSheet(_STYLE)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        document.setHtml(html)
        document.setTextWidth(self._width)
        for part in slices(document, self._height - self._y, self._height):
            if part.begins_page:
                self._new_page()
            self._draw_slice(document, part)
        self._y += _PIECE_GAP_PX

    def _draw_slice(self, document: QTextDocument, part: _Slice) -> None:
        area = QRectF(0, part.top, self._width, part.bottom - part.top)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = area
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Text, QColor(_INK.text))
        context.palette = palette
        self._painter.save()
        self._painter.translate(0, self._y - part.top)
        self._painter.setClipRect(area)
        document.documentLayout().draw(self._painter, context)
        self._painter.restore()
        self._y += area.height()

    def _new_page(self) -> None:
        self._draw_foot()
        if not self._device.newPage():
            raise _refused()
        self.num_pages += 1
        self._y = 0.0

    def _draw_foot(self) -> None:
        self._painter.setFont(self._font)
        self._painter.setPen(QColor(_INK.page_number))
        foot = QRectF(0, self._height, self._width, _FOOT_PX)
        self._painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, str(self.num_pages))


async def pdf_bytes(pieces: Iterator[str], title: str, theme: Theme) -> bytes:
    """The document as a PDF file on A4 pages.

    Raises:
        ExportError: Qt refused.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setResolution(_PDF_DPI)
    writer.setPageLayout(page_layout())
    await Paper(writer, theme).draw(pieces)
    return bytes(buffer.data().data())


def page_layout() -> QPageLayout:
    """A4, upright, with the margins of the app's documents."""
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    return QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4),
        QPageLayout.Orientation.Portrait,
        margins,
        QPageLayout.Unit.Millimeter,
    )


def slices(document: QTextDocument, room: float, page_height: float) -> list[_Slice]:
    """Cut a laid-out document between its lines.

    Args:
        document: Has its width.
        room: What is left of the first page.
        page_height: Of every further page.
    """
    lines = _lines(document)
    height = document.size().height()
    parts: list[_Slice] = []
    top = 0.0
    begins_page = False
    while top < height:
        end = top + (page_height if begins_page else room)
        bottom = height if height <= end else _cut(lines, end)
        if bottom <= top and not begins_page:
            begins_page = True
            continue
        # A line that is higher than a page is cut where the page ends.
        bottom = bottom if bottom > top else end
        parts.append(_Slice(top, bottom, begins_page))
        top, begins_page = bottom, True
    return parts


def _lines(document: QTextDocument) -> list[tuple[float, float]]:
    """Top and bottom of every line."""
    layout = document.documentLayout()
    lines = []
    block = document.begin()
    while block.isValid():
        y = layout.blockBoundingRect(block).top()
        text = block.layout()
        for number in range(text.lineCount()):
            line = text.lineAt(number)
            lines.append((y + line.y(), y + line.y() + line.height()))
        block = block.next()
    return lines


def _cut(lines: list[tuple[float, float]], end: float) -> float:
    """The lowest place above `end` that no line crosses; columns of tables share their lines."""
    cut = end
    for top, bottom in sorted(lines, reverse=True):
        if top < cut < bottom:
            cut = top
    return cut


def _refused() -> ExportError:
    return ExportError(
        _tr("the pages could not be drawn"),
        advice=_tr("Check the printer, or export the chat to a file."),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Paper", text)
