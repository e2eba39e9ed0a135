"""A reply that repeats an attached file is drafted from it."""

from __future__ import annotations

from pathlib import Path

from realm_desktop.chat.request_builder import chat_messages
from realm_desktop.engine.speculation.drafter import DraftOrder
from realm_desktop.engine.speculation.ngram import NgramDrafter
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.formats.model_file import open_model
from realm_desktop.store.records import Attachment
from tests.support.sequences import make_sequence
from tests.support.stores import make_message
from tests.support.tiny_models import tiny_gguf

CODE = "def area(width, height):\n    return width * height\n"


def test_reply_that_repeats_an_attachment_is_drafted_from_it(tmp_path: Path) -> None:
    model_file = open_model(tiny_gguf(tmp_path, with_tokenizer=True))
    tokenizer = build_tokenizer(model_file)
    model_file.close()
    message = make_message("m", content="Repeat.", attachments=(Attachment("a.py", CODE),))
    (turn,) = chat_messages("", [message])
    prompt = tokenizer.encode(turn.content, add_special=False, parse_special=False)
    begun = tokenizer.encode(CODE[:10], add_special=False, parse_special=False)
    sequence = make_sequence([*prompt, *begun])
    drafter = NgramDrafter()
    drafter.observe(sequence)

    (draft,) = drafter.propose([DraftOrder(sequence, 8)])

    assert len(draft) == 8
    assert tokenizer.decode([*begun, *draft]) == CODE[: 10 + len(tokenizer.decode(draft))]
