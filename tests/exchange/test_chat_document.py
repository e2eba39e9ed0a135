"""Conversations as documents to read."""

from __future__ import annotations

from realm_desktop.exchange.chat_document import (
    ChatDocument,
    DocumentWords,
    as_html,
    as_markdown,
    as_plain_text,
    chat_document,
    paper_pieces,
)
from realm_desktop.store.records import Attachment, Message, MessageId, MessageState
from realm_desktop.store.trees import StoredMessage, Tree
from tests.support.stores import make_conversation, make_message, make_reply

DAY = "23 November 2026"


def _document(*messages: Message, title: str = "Tides", leaf: str | None = None) -> ChatDocument:
    leaf_id = None if leaf is None else MessageId(leaf)
    tree = Tree(
        make_conversation("c1", title, leaf_id=leaf_id),
        tuple(StoredMessage(message) for message in messages),
    )
    return chat_document(tree, DocumentWords(), DAY)


def _example() -> ChatDocument:
    return _document(
        make_message("q", None, "Why *is* it?"),
        make_reply("a", "q", "**So.**", model_name="starter", state=MessageState.INTERRUPTED),
    )


def test_markdown_has_authors_and_texts_as_they_are() -> None:
    assert as_markdown(_example()) == (
        "# Tides\n\n*Exported from Realm Desktop on 23 November 2026*\n\n## You\n\nWhy *is* it?\n\n"
        "## Reply · starter\n\n**So.**\n\n*This reply did not end.*\n"
    )


def test_plain_text_has_no_markup_of_its_own() -> None:
    assert as_plain_text(_example()) == (
        "Tides\n\nExported from Realm Desktop on 23 November 2026\n\nYou\n---\n\nWhy *is* it?\n\n"
        "Reply · starter\n---------------\n\n**So.**\n\n(This reply did not end.)\n"
    )


def _with_file() -> ChatDocument:
    file = Attachment("<b>.py", "x = '<i>'\n```\n")
    return _document(make_message("q", None, "Why?", attachments=(file,)))


def test_attachments_stand_fenced_before_the_text() -> None:
    for text in (as_markdown(_with_file()), as_plain_text(_with_file())):
        assert "<b>.py\n````py\nx = '<i>'\n```\n````\n\nWhy?\n" in text


def test_attachments_fold_in_html_and_do_nothing() -> None:
    html = "".join(as_html(_with_file()))

    assert "<details><summary>&lt;b&gt;.py</summary>" in html
    assert "x = &#x27;&lt;i&gt;&#x27;" in html
    assert html.index("</details>") < html.index("Why?")


def test_attachments_are_printed() -> None:
    pieces = list(paper_pieces(_with_file()))

    assert any("&lt;b&gt;.py" in piece for piece in pieces)
    assert any("x = &#x27;" in piece for piece in pieces)


def test_only_the_shown_branch_is_in_the_document() -> None:
    document = _document(
        make_message("q", None, "Why?"),
        make_reply("a1", "q", "First."),
        make_reply("a2", "q", "Second."),
        leaf="a1",
    )

    assert [message.content for message in document.messages] == ["Why?", "First."]


def test_html_is_one_file_that_loads_nothing() -> None:
    html = "".join(as_html(_example()))

    assert "default-src 'none'" in html
    assert "<strong>So.</strong>" in html
    assert "<pre>Why *is* it?</pre>" in html
    for sign in ("<script", "src=", "@import", "url(", "<link"):
        assert sign not in html


def test_names_of_strangers_are_escaped_everywhere() -> None:
    evil = '"><script>x</script>'
    document = _document(make_reply("a", None, evil, model_name=evil), title=evil)

    for html in ("".join(as_html(document)), "".join(paper_pieces(document))):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_chat_without_a_title_gets_one() -> None:
    assert as_markdown(_document(title=" \n ")).startswith("# New chat\n")


def test_paper_has_every_message() -> None:
    html = "".join(paper_pieces(_example()))

    assert "<h1>Tides</h1>" in html
    assert '<p class="typed">Why *is* it?</p>' in html
    assert "<strong>So.</strong>" in html
    assert "This reply did not end." in html


def _with_thought() -> ChatDocument:
    thought = "Is it\n\n</details> <b>so</b>?"
    return _document(make_reply("a", None, f"<think>\n{thought}\n</think>\n\n**So.**"))


def test_thought_is_a_quote_in_markdown() -> None:
    assert as_markdown(_with_thought()).endswith(
        "> **Thought**\n>\n> Is it\n>\n> </details> <b>so</b>?\n\n**So.**\n"
    )


def test_thought_folds_in_html_and_does_nothing() -> None:
    html = "".join(as_html(_with_thought()))

    assert "<details><summary>Thought</summary>" in html
    assert "&lt;/details&gt; &lt;b&gt;so&lt;/b&gt;" in html
    assert "<strong>So.</strong>" in html
    assert "&lt;think&gt;" not in html


def test_thought_stays_as_it_is_in_plain_text() -> None:
    assert "<think>\nIs it\n\n</details> <b>so</b>?\n</think>" in as_plain_text(_with_thought())


def test_thought_is_printed_before_its_answer() -> None:
    text = "".join(paper_pieces(_with_thought()))

    assert text.index("Thought</p>") < text.index("Is it") < text.index("So.")
