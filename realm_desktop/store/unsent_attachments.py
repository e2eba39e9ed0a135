"""Files that stand in the composer of a conversation, kept until they are sent or removed.

They have a table of their own: the row of a conversation is written every second while somebody
types, and files can be long.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from realm_desktop.store import rows
from realm_desktop.store.database import Database
from realm_desktop.store.readable_rows import select
from realm_desktop.store.records import Attachment, ConversationId


async def unsent_attachments(
    database: Database, conversation_id: ConversationId
) -> tuple[Attachment, ...]:
    """The files in the composer of a conversation, in their order.

    Raises:
        StoreError: The database cannot be read.
    """
    rest = "FROM unsent_attachments WHERE conversation_id = ?"

    def work(connection: apsw.Connection) -> tuple[Attachment, ...]:
        found = select(connection, "attachments", rest, (conversation_id,))
        return rows.read_attachments(found[0][0]) if found else ()

    return await database.run(work)


async def save_unsent_attachments(
    database: Database, conversation_id: ConversationId, attachments: Sequence[Attachment]
) -> None:
    """Replace the files in the composer of a conversation; those of an unknown one are ignored.

    Raises:
        StoreError: They could not be saved; nothing changed.
    """
    text = rows.attachments_json(attachments)

    def work(connection: apsw.Connection) -> None:
        if not attachments:
            connection.execute(
                "DELETE FROM unsent_attachments WHERE conversation_id = ?", (conversation_id,)
            )
            return
        # The conversation may have been deleted for good while its tab closed.
        connection.execute(
            "INSERT INTO unsent_attachments (conversation_id, attachments) "
            "SELECT conversation_id, ? FROM conversations WHERE conversation_id = ? "
            "ON CONFLICT (conversation_id) DO UPDATE SET attachments = excluded.attachments",
            (text, conversation_id),
        )

    await database.run(work)
