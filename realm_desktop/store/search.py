"""Finds conversations by title, messages by content, attachments included, and notes of chats.

Words of three characters or more use the full-text index (trigrams: any part of a word, any script);
shorter ones are compared one by one, in contents over the latest messages only. Notes are few and
have no index. Trash is left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import apsw

from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.database import Database
from realm_desktop.store.readable_rows import Row, decoded, readable
from realm_desktop.store.records import ConversationId, MessageId
from realm_desktop.store.rows import read_attachments

MAX_HITS = 100
MAX_QUERY_CHARACTERS = 500
MAX_SCANNED_MESSAGES = 20_000
"""Messages looked through for a word too short for the index; about 50 ms."""

MAX_SCANNED_NOTES = 2_000
"""Chats whose notes are looked through, those with the latest activity first."""

_MIN_INDEXED_CHARACTERS = 3
_SNIPPET_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One found message, with the text around the first found word on one line.

    Attributes:
        message_id: None for the notes of the chat.
    """

    conversation_id: ConversationId
    message_id: MessageId | None
    title: str
    snippet: str


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with a full-text index of one column.

    Attributes:
        source, order: How its rows are read without the index.
        match, indexed_source, indexed_order: How they are read with it.
        condition: Which of its rows count.
    """

    column: str
    source: str
    order: str
    match: str
    indexed_source: str
    indexed_order: str
    condition: str = "deleted_s IS NULL"


_TITLES = _Table(
    column="title",
    source="conversations AS found",
    order="found.updated_s DESC, found.number DESC",
    match="found.number IN (SELECT rowid FROM conversations_text WHERE conversations_text MATCH ?)",
    indexed_source="conversations AS found",
    indexed_order="found.updated_s DESC, found.number DESC",
)
# The index is read from the newest message on and stops at the limit: for a word in nearly every
# one of 100,000 messages, collecting all its rows first took 180 ms.
_CONTENTS = _Table(
    column="content",
    source="messages AS found JOIN conversations USING (conversation_id)",
    order="found.number DESC",
    match="messages_text MATCH ?",
    indexed_source="messages_text CROSS JOIN messages AS found ON found.number = messages_text.rowid "
    "JOIN conversations ON conversations.conversation_id = found.conversation_id",
    indexed_order="messages_text.rowid DESC",
)
_ATTACHMENTS = _Table(
    column="attachments",
    source="messages AS found JOIN conversations USING (conversation_id)",
    order="found.number DESC",
    match="attachments_text MATCH ?",
    indexed_source="attachments_text CROSS JOIN messages AS found "
    "ON found.number = attachments_text.rowid "
    "JOIN conversations ON conversations.conversation_id = found.conversation_id",
    indexed_order="attachments_text.rowid DESC",
    condition="deleted_s IS NULL AND found.attachments IS NOT '[]'",
)


_HIT_COLUMNS = "found.number, found.conversation_id, found.message_id, conversations.title"


class Search:
    """Searches one database. Used from the event loop; owns nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def titles(self, text: str, limit: int = MAX_HITS) -> list[ConversationId]:
        """Conversations whose title has every word of `text`, the latest activity first.

        Raises:
            StoreError: The database cannot be read.
        """
        words = _words(text)
        if not words:
            return []

        def work(connection: apsw.Connection) -> list[ConversationId]:
            found = _find(connection, _TITLES, "found.conversation_id", words, limit)
            return [ConversationId(str(decoded(row)[0])) for row in found]

        return await self._database.run(work)

    async def contents(self, text: str, limit: int = MAX_HITS) -> list[SearchHit]:
        """Messages with every word of `text` in them, or in their attachments; the latest first.

        Notes with every word stand before them.

        Raises:
            StoreError: The database cannot be read.
        """
        words = _words(text)
        if not words:
            return []

        def work(connection: apsw.Connection) -> list[SearchHit]:
            found: dict[int, SearchHit] = {}
            for table in (_ATTACHMENTS, _CONTENTS):  # of both, the message's own words are shown
                columns = f"{_HIT_COLUMNS}, found.{table.column}"
                for row in _find(connection, table, columns, words, limit):
                    found[int(str(row[0]))] = _hit(table, decoded(row[1:]), words)
            hits = [found[number] for number in sorted(found, reverse=True)]
            return [*_noted(connection, words), *hits][:limit]

        return await self._database.run(work)


def _noted(connection: apsw.Connection, words: list[str]) -> Iterator[SearchHit]:
    """Notes with every word, as the index compares them: without case and accents."""
    columns = "conversation_id, title, conversation_notes.text"
    cursor = connection.execute(
        f"SELECT {readable(columns)} FROM conversation_notes JOIN conversations "
        "USING (conversation_id) WHERE deleted_s IS NULL ORDER BY updated_s DESC LIMIT ?",
        (MAX_SCANNED_NOTES,),
    )
    wanted = [_folded(word) for word in words]
    for conversation_id, title, text in map(decoded, cursor):
        folded = _folded(str(text))
        if all(word in folded for word in wanted):
            snippet = _snippet(str(text), words)
            yield SearchHit(ConversationId(str(conversation_id)), None, str(title), snippet)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def _hit(table: _Table, row: Row, words: list[str]) -> SearchHit:
    conversation_id, message_id, title, content = row
    text = str(content)
    if table is _ATTACHMENTS:
        text = " ".join(f"{one.name}: {one.text}" for one in read_attachments(text))
    return SearchHit(
        ConversationId(str(conversation_id)),
        MessageId(str(message_id)),
        str(title),
        _snippet(text, words),
    )


def _find(
    connection: apsw.Connection, table: _Table, columns: str, words: list[str], limit: int
) -> apsw.Cursor:
    """Rows that contain every word, outside the trash."""
    indexed = [word for word in words if len(word) >= _MIN_INDEXED_CHARACTERS]
    short = [word for word in words if len(word) < _MIN_INDEXED_CHARACTERS]
    conditions = [table.condition]
    values: list[str | int] = []
    source, order = table.source, table.order
    if indexed:
        source, order = table.indexed_source, table.indexed_order
        conditions.append(table.match)
        # A quoted string has no operators; quotes inside are doubled.
        values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in indexed))
    elif table is not _TITLES:
        conditions.append("found.number > (SELECT max(number) FROM messages) - ?")
        values.append(MAX_SCANNED_MESSAGES)
    for word in short:
        conditions.append(f"found.{table.column} LIKE ? ESCAPE '\\'")
        values.append(f"%{_escape_pattern(word)}%")
    return connection.execute(
        f"SELECT {readable(columns)} FROM {source} WHERE {' AND '.join(conditions)} "
        f"ORDER BY {order} LIMIT ?",
        (*values, limit),
    )


def _words(text: str) -> list[str]:
    return clean_text(text[:MAX_QUERY_CHARACTERS]).split()


def _escape_pattern(word: str) -> str:
    for special in ("\\", "%", "_"):
        word = word.replace(special, f"\\{special}")
    return word


def _snippet(content: str, words: list[str]) -> str:
    """The text around the first word that is found as it is written, on one line."""
    folded = content.casefold()
    # Folding can change lengths (ß); the place is then a little off, never outside.
    places = [place for word in words if (place := folded.find(word.casefold())) >= 0]
    start = max(0, min(places, default=0) - _SNIPPET_CHARACTERS // 3)
    cut = " ".join(content[start : start + _SNIPPET_CHARACTERS].split())
    before = "…" if start > 0 else ""
    after = "…" if start + _SNIPPET_CHARACTERS < len(content) else ""
    return f"{before}{cut}{after}"
