"""A conversation as a document to read: Markdown, HTML, plain text, and pieces of HTML for paper.

The visible branch alone; the JSON form has everything. Knows nothing of Qt; any thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from realm_desktop.chat.request_builder import fenced
from realm_desktop.chat.transcript import Transcript
from realm_desktop.exchange.inert_html import (
    InertMarkdown,
    markdown_html,
    markdown_pieces,
    plain_html,
    plain_pieces,
    shown_text,
    typed_pieces,
)
from realm_desktop.store.records import Message, MessageState
from realm_desktop.store.trees import Tree
from realm_desktop.thinking import split_thinking

# The browser itself refuses whatever is not in the file.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere; }
header { border-bottom: 1px solid #8888; margin-bottom: 2rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; }
article { margin: 1.5rem 0; unicode-bidi: isolate; }
article > h2 { font-size: .85rem; opacity: .7; margin: 0 0 .3rem; }
.user, .system, .tool { background: #8882; border-radius: 10px; padding: .8rem 1rem; }
pre { background: #8882; border-radius: 8px; padding: .7rem; overflow-x: auto; }
article.user > pre { background: none; padding: 0; margin: 0; font: inherit;
  white-space: pre-wrap; }
p.math { text-align: center; overflow-x: auto; }
table { border-collapse: collapse; } th, td { border: 1px solid #8888; padding: .3rem .6rem; }
blockquote { border-left: 3px solid #8888; margin-left: 0; padding-left: 1rem; }
p.state, header p { opacity: .7; font-size: .85rem; }
@media print { body { max-width: none; margin: 0; } }
"""


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """What a document says itself, in the user's language.

    Attributes:
        language: Code of that language, such as "en".
        made: One sentence with `{}` for the day.
    """

    language: str = "en"
    untitled: str = "New chat"
    user: str = "You"
    assistant: str = "Reply"
    system: str = "System"
    tool: str = "Tool"
    made: str = "Exported from Realm Desktop on {}"
    unfinished: str = "This reply did not end."
    thought: str = "Thought"


@dataclass(frozen=True, slots=True)
class ChatDocument:
    """What is exported of a conversation.

    Attributes:
        messages: The visible branch.
        day: When it is exported, as the document says it.
    """

    title: str
    messages: tuple[Message, ...]
    words: DocumentWords
    day: str

    def author(self, message: Message) -> str:
        """Who says a message; a reply names its model."""
        return author_of(message, self.words)

    @property
    def made(self) -> str:
        """Where and when the document was made."""
        return self.words.made.format(self.day)


def chat_document(tree: Tree, words: DocumentWords, day: str = "") -> ChatDocument:
    """The document of a conversation; `day` is today unless given."""
    transcript = Transcript()
    transcript.load((m.message for m in tree.messages), tree.conversation.leaf_id)
    title = " ".join(tree.conversation.title.split()) or words.untitled
    return ChatDocument(
        shown_text(title),
        tuple(transcript.messages),
        words,
        day or time.strftime("%Y-%m-%d", time.localtime()),
    )


def as_markdown(document: ChatDocument) -> str:
    """The document as Markdown; the texts of messages stand in it as they are."""
    head = f"# {document.title}\n\n*{document.made}*\n"
    if not document.messages:
        return head
    return f"{head}\n{messages_markdown(document.messages, document.words)}"


def messages_markdown(messages: Sequence[Message], words: DocumentWords) -> str:
    """Messages as Markdown below their authors."""
    parts: list[str] = []
    for message in messages:
        parts += [f"## {author_of(message, words)}", *map(fenced, message.attachments)]
        thought, text = _split(message)
        # A quote, as lines of HTML inside a thought would end a details block early.
        parts.append(_quoted(f"**{words.thought}**\n\n{thought}") if thought else "")
        parts.append(text.strip("\n"))
        if is_unfinished(message):
            parts.append(f"*{words.unfinished}*")
    return "\n\n".join(part for part in parts if part) + "\n"


def as_plain_text(document: ChatDocument) -> str:
    """The document without any markup of its own."""
    parts = [document.title, document.made]
    for message in document.messages:
        author = document.author(message)
        parts += [f"{author}\n{'-' * min(len(author), 72)}", *map(fenced, message.attachments)]
        parts.append(message.content.strip("\n"))
        if is_unfinished(message):
            parts.append(f"({document.words.unfinished})")
    return "\n\n".join(part for part in parts if part) + "\n"


def as_html(document: ChatDocument) -> Iterator[str]:
    """The document as one HTML file that needs nothing else, piece by piece."""
    markdown = InertMarkdown()
    title = escape(document.title)
    yield (
        f'<!DOCTYPE html>\n<html lang="{escape(document.words.language)}">\n<head>\n'
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1><p>{escape(document.made)}</p></header>\n"
    )
    for message in document.messages:
        yield (
            f'<article class="{escape(message.role)}" dir="auto">'
            f"<h2>{escape(shown_text(document.author(message)))}</h2>\n"
        )
        for attachment in message.attachments:
            name = escape(shown_text(attachment.name))
            yield f"<details><summary>{name}</summary>\n{plain_html(attachment.text)}</details>\n"
        # What people type is shown as typed, as in the window.
        is_typed = message.role == "user"
        thought, text = _split(message)
        if thought:
            name = escape(document.words.thought)
            yield f"<details><summary>{name}</summary>\n{plain_html(thought)}</details>\n"
        yield plain_html(text) if is_typed else markdown_html(markdown, text)
        if is_unfinished(message):
            yield f'<p class="state">{escape(document.words.unfinished)}</p>\n'
        yield "</article>\n"
    yield "</body>\n</html>\n"


def paper_pieces(document: ChatDocument) -> Iterator[str]:
    """The document as pieces of HTML in the subset that Qt lays out, each of a bounded size."""
    markdown = InertMarkdown(is_paper=True)
    yield f"<h1>{escape(document.title)}</h1><p class='state'>{escape(document.made)}</p>"
    for message in document.messages:
        yield f"<h5>{escape(shown_text(document.author(message)))}</h5>"
        for attachment in message.attachments:
            yield f"<p class='state'>{escape(shown_text(attachment.name))}</p>"
            yield from plain_pieces(attachment.text)
        thought, text = _split(message)
        if thought:
            yield f"<p class='state'>{escape(document.words.thought)}</p>"
            yield from plain_pieces(thought)
        if message.role == "user":
            yield from typed_pieces(text)
        else:
            yield from markdown_pieces(markdown, text)
        if is_unfinished(message):
            yield f"<p class='state'>{escape(document.words.unfinished)}</p>"


def author_of(message: Message, words: DocumentWords) -> str:
    """Who says a message; a reply names its model."""
    names = {"user": words.user, "assistant": words.assistant, "system": words.system}
    name = names.get(message.role, words.tool)
    return f"{name} · {message.model_name}" if message.model_name else name


def is_unfinished(message: Message) -> bool:
    """Whether a reply has no end of its own."""
    return message.state is not MessageState.COMPLETE


def _split(message: Message) -> tuple[str, str]:
    """What a reply thought, and its answer; of others, nothing and their text."""
    if message.role != "assistant":
        return "", message.content
    split = split_thinking(message.content)
    return split.thought, split.answer


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
