"""A chat in a workspace with a model of its own, and somebody who loads models when told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from realm_desktop.chat.model_switch import ModelSwitch
from realm_desktop.chat.session import ChatSession
from realm_desktop.events import ModelLoaded
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import make_model_info

QWEN = "/models/qwen.gguf"


@dataclass
class Shop:
    """What a window is for the switch.

    Attributes:
        models: Paths of those that are there.
        loads: What was loaded, in order.
    """

    models: list[str] = field(default_factory=lambda: [QWEN])
    loads: list[str] = field(default_factory=list)

    async def find(self, path: str) -> bool:
        """Whether a model is there."""
        return path in self.models

    async def offers(self) -> list[tuple[str, str]]:
        """Those that are there, by path and name."""
        return [(path, Path(path).stem) for path in self.models]

    def serve(self, switch: ModelSwitch) -> None:
        """Be the one that finds and loads."""
        switch.serve(self.find, self.loads.append, lambda path: Path(path).stem, self.offers)


def with_qwen_chat(folder: Path, work: Callable[[Chat, Shop], Awaitable[None]]) -> None:
    """Run `work` with a chat of a workspace that names a model, while another one is loaded."""

    async def prepared(chat: Chat) -> None:
        shop = Shop()
        shop.serve(chat.library.models)
        research = await chat.library.new_workspace("Research")
        await chat.library.update_workspace(replace(research, model_path=QWEN))
        await chat.library.move(chat.session.conversation.conversation_id, research.workspace_id)
        await work(chat, shop)

    with_chat(folder, prepared)


def loaded(path: str = QWEN) -> ModelLoaded:
    """The event of a model that is there now."""
    return ModelLoaded(make_model_info(path, Path(path).stem))


async def busy_chat(chat: Chat) -> ChatSession:
    """Another chat, of General, whose reply runs."""
    other = await chat.library.new_conversation()
    await other.send("slow")
    await chat.until(lambda: bool(other.replies))
    return other
