"""The chats that stand in the pictures before anything is asked: what a starter model could not write."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import FinishReason
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    MessageState,
    Workspace,
)

RICH: Final = ConversationId("rich")
HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S

_QUESTION: Final = (
    "The attached log has a latency for each request. How do I get the 95th percentile?"
)
_LOG: Final = Attachment(
    "latency.csv", "request,ms\n" + "".join(f"{i},{3 * i + 2}\n" for i in range(20))
)
_SCRIPT: Final = Attachment("report.py", "import csv\n\nprint(open('latency.csv').read())\n")
_REPLY: Final = """<think>
The file has 20 rows. Sorting them is cheap, and the standard library is enough.
</think>

Sort the values and take the one below which 95 % of them lie:

```python
import csv
from pathlib import Path


def percentile(values: list[float], share: float) -> float:
    \"\"\"The value below which a share of all values lies.\"\"\"
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


with Path("latency.csv").open() as file:
    times_ms = [float(row["ms"]) for row in csv.DictReader(file)]
print(percentile(times_ms, 0.95))
```

For the file you attached:

| Share | Rank | Latency |
|------:|-----:|--------:|
| 50 % | 11 | 32 ms |
| 95 % | 20 | 59 ms |

The rank is $k = \\lfloor p \\cdot n \\rfloor + 1$, and its standard error is about

$$\\sigma_p = \\frac{1}{f(x_p)} \\sqrt{\\frac{p\\,(1 - p)}{n}}$$

so with `n = 20` the last digit is **not** to be trusted.
"""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A chat that is only seen in the sidebar and in searches."""

    title: str
    question: str
    answer: str
    age_s: float
    workspace_id: WorkspaceId = GENERAL_WORKSPACE_ID
    is_pinned: bool = False


_CODE: Final = WorkspaceId("code")
_STORIES: Final = WorkspaceId("stories")
_LISTED: Final = (
    _Listed(
        "Reading list for spring", "Which books?", "Three of them.", 2 * HOUR_S, is_pinned=True
    ),
    _Listed("Watering plan", "How often?", "Twice a week in summer.", 5 * HOUR_S),
    _Listed("Bread without kneading", "How long?", "Let the dough rest overnight.", DAY_S),
    _Listed("Letter to the landlord", "Too formal?", "A little; the end is fine.", 3 * DAY_S),
    _Listed("Regular expressions", "Match a date?", "Use groups for the parts.", HOUR_S, _CODE),
    _Listed("Why is the query slow?", "A join?", "An index is missing.", 9 * DAY_S, _CODE),
    _Listed("The fox and the lantern", "Go on.", "The fox took the lantern.", DAY_S, _STORIES),
    _Listed(
        "Names for a lighthouse", "Five, please.", "Lantern Rock, for one.", 40 * DAY_S, _STORIES
    ),
)


async def store_chats(database_file: Path, backups_dir: Path) -> None:
    """Write workspaces and chats into a new database.

    Args:
        database_file: Created.
        backups_dir: Of the same data folder.
    """
    database = Database.open(database_file, backups_dir=backups_dir, general_name="General")
    try:
        store = ConversationStore(database)
        now_s = time.time()
        general = (await store.workspaces())[0]
        await store.save_workspace(replace(general, colour=1))
        for place, (key, name) in enumerate(((_CODE, "Code"), (_STORIES, "Stories")), start=1):
            await store.save_workspace(
                Workspace(key, name, now_s, now_s, position=place, colour=place + 2)
            )
        for number, listed in enumerate(_LISTED):
            await _store_listed(store, f"listed-{number}", listed, now_s)
        await _store_rich(store, now_s)
    finally:
        database.close()


async def _store_listed(store: ConversationStore, key: str, listed: _Listed, now_s: float) -> None:
    then_s = now_s - listed.age_s
    conversation = Conversation(
        ConversationId(key), listed.workspace_id, listed.title, then_s, then_s, listed.is_pinned
    )
    question, answer = _pair(conversation, listed.question, listed.answer)
    await _store(store, conversation, question, answer)


async def _store_rich(store: ConversationStore, now_s: float) -> None:
    conversation = Conversation(RICH, _CODE, "95th percentile of a log", now_s, now_s)
    question, answer = _pair(conversation, _QUESTION, _REPLY)
    stats = GenerationStats(
        num_prompt_tokens=312,
        num_cached_tokens=256,
        num_completion_tokens=361,
        num_drafted_tokens=240,
        num_accepted_tokens=168,
        ttft_s=0.31,
        prefill_s=0.28,
        decode_s=7.4,
        speculation_speedup=1.6,
    )
    await _store(
        store,
        conversation,
        replace(question, attachments=(_LOG, _SCRIPT)),
        replace(answer, stats=stats, is_starred=True),
    )


def _pair(conversation: Conversation, question: str, answer: str) -> tuple[Message, Message]:
    key, then_s = conversation.conversation_id, conversation.updated_s
    asked = Message(
        MessageId(f"{key}-1"), key, None, "user", question, MessageState.COMPLETE, then_s
    )
    reply = replace(
        asked,
        message_id=MessageId(f"{key}-2"),
        parent_id=asked.message_id,
        role="assistant",
        content=answer,
        finish_reason=FinishReason.STOP,
        model_name="starter",
        seed=1,
    )
    return asked, reply


async def _store(store: ConversationStore, conversation: Conversation, *messages: Message) -> None:
    await store.save_conversation(conversation)
    last = replace(conversation, leaf_id=messages[-1].message_id)
    await store.add_messages(messages, last)
