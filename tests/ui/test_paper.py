"""Pages of printed and exported chats."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import QImage, QPainter, QTextDocument

from realm_desktop.exchange.inert_html import InertMarkdown, markdown_pieces, typed_pieces
from realm_desktop.ui.paper import InertDocument, pdf_bytes, slices
from realm_desktop.ui.theme import Theme


def _document(num_lines: int) -> QTextDocument:
    document = QTextDocument()
    document.setHtml("".join(f"<p>line {n}</p>" for n in range(num_lines)))
    document.setTextWidth(400)
    return document


def test_short_text_stays_on_its_page(theme: Theme) -> None:
    document = _document(3)

    (part,) = slices(document, 500, 500)

    assert (part.top, part.bottom) == (0, document.size().height())
    assert not part.begins_page


def test_slices_are_the_whole_text_and_fit_their_pages(theme: Theme) -> None:
    document = _document(100)

    parts = slices(document, 100, 333)

    assert [part.top for part in parts[1:]] == [part.bottom for part in parts[:-1]]
    assert parts[-1].bottom == document.size().height()
    assert all(part.bottom - part.top <= 333 for part in parts)
    assert [part.begins_page for part in parts] == [False, *([True] * (len(parts) - 1))]


def test_no_line_is_cut_in_two(theme: Theme) -> None:
    document = _document(60)
    layout = document.documentLayout()
    lines = []
    block = document.begin()
    while block.isValid():
        lines.append(layout.blockBoundingRect(block))
        block = block.next()

    cuts = [part.bottom for part in slices(document, 100, 333)][:-1]

    assert not [line for line in lines for cut in cuts if line.top() < cut < line.bottom() - 0.01]


def _dark_pixels(html: str, *, is_loading: bool) -> int:
    document = InertDocument() if is_loading else QTextDocument()
    document.setHtml(html)
    image = QImage(200, 80, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    document.drawContents(painter)
    painter.end()
    return sum(image.pixelColor(x, y).lightness() < 128 for x in range(200) for y in range(80))


def test_formulas_are_drawn_on_paper(theme: Theme) -> None:
    (piece,) = markdown_pieces(InertMarkdown(is_paper=True), r"$\frac{a}{b}$")

    assert _dark_pixels(piece, is_loading=True) > 20


@pytest.mark.parametrize(
    "address", ["formula:inline:%7B", "file:///etc/passwd", "formula:", "x.png"]
)
def test_nothing_else_is_loaded(theme: Theme, address: str) -> None:
    resource = InertDocument().loadResource(2, QUrl(address))

    assert isinstance(resource, QByteArray)
    assert resource.isEmpty()


def test_too_little_room_begins_the_next_page(theme: Theme) -> None:
    (part,) = slices(_document(3), 0, 500)

    assert part.begins_page


def test_line_higher_than_a_page_is_cut(theme: Theme) -> None:
    document = _document(1)

    assert len(slices(document, 5, 5)) == -(-document.size().height() // 5)


@pytest.mark.asyncio_qt
async def test_pdf_has_as_many_pages_as_it_needs(theme: Theme) -> None:
    data = await pdf_bytes(iter(typed_pieces("A line of words.\n" * 300)), "Tides", theme)

    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", data)) >= 4


@pytest.mark.asyncio_qt
async def test_window_goes_on_between_the_pieces(theme: Theme) -> None:
    ticks: list[int] = []

    async def tick() -> None:
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    ticking = asyncio.get_running_loop().create_task(tick())
    await pdf_bytes(iter(typed_pieces("A line of words.\n" * 2_000)), "Tides", theme)
    ticking.cancel()

    assert len(ticks) >= 10


def test_document_reads_no_file(theme: Theme, tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text("p { color: red; }")
    document = InertDocument()
    kind = QTextDocument.ResourceType.StyleSheetResource.value

    found = document.resource(kind, QUrl.fromLocalFile(str(tmp_path / "secret.css")))

    assert not found
