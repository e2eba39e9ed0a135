"""From the first start to several chats at once, with nothing replaced by a double."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.chat.continuation import continue_reply
from realm_desktop.chat.session_state import SessionState
from realm_desktop.events import FinishReason
from realm_desktop.store.records import MessageState
from realm_desktop.ui.first_run import FirstRun
from tests.support.running_app import RunningApp, running_app, until
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.slow

LIMIT_S = 200.0


@pytest.fixture(scope="module")
def talkative_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with a long context, so that replies can be interrupted."""
    folder = tmp_path_factory.mktemp("model")
    return tiny_gguf(folder, with_tokenizer=True, max_position_embeddings=8192)


async def start_three_replies(app: RunningApp) -> None:
    await app.never_end_replies()
    for name in ("first", "second", "third"):
        await app.new_chat()
        await app.say(f"the {name} question")
    await until(lambda: all(s.state is SessionState.DECODE for s in app.sessions))


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_three_tabs_answer_in_one_batch(tmp_path: Path, talkative_model: Path) -> None:
    async with running_app(tmp_path, talkative_model) as app:
        await start_three_replies(app)
        lengths = [len(messages[-1].content) for messages in app.messages()]

        await until(
            lambda: all(
                len(messages[-1].content) > length
                for messages, length in zip(app.messages(), lengths, strict=True)
            )
        )


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_stopping_one_chat_leaves_the_others_running(
    tmp_path: Path, talkative_model: Path
) -> None:
    async with running_app(tmp_path, talkative_model) as app:
        await start_three_replies(app)
        stopped, *others = app.sessions
        await stopped.stop()
        await until(lambda: not stopped.is_busy)

        reply = stopped.transcript.messages[-1]
        assert reply.finish_reason is FinishReason.ABORT
        assert reply.content
        assert all(session.is_busy for session in others)


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_window_closed_mid_reply_loses_nothing(tmp_path: Path, talkative_model: Path) -> None:
    async with running_app(tmp_path, talkative_model) as app:
        await start_three_replies(app)
        before = app.messages()
    async with running_app(tmp_path) as app:
        await until(lambda: len(app.sessions) == 3)
        after = app.messages()

    for old, new in zip(before, after, strict=True):
        assert new[0] == old[0]
        assert new[1].content.startswith(old[1].content)
        assert new[1].state is MessageState.INTERRUPTED


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_interrupted_reply_can_be_continued_after_a_restart(
    tmp_path: Path, talkative_model: Path
) -> None:
    async with running_app(tmp_path, talkative_model) as app:
        await app.never_end_replies()
        await app.new_chat()
        session = await app.say("the only question")
        await until(lambda: len(session.transcript.messages[-1].content) > 20)
    async with running_app(tmp_path) as app:
        await until(lambda: len(app.sessions) == 1 and app.has_model)
        session = app.sessions[0]
        kept = session.transcript.messages[-1].content
        await continue_reply(session)

        await until(lambda: len(session.transcript.messages[-1].content) > len(kept))
        assert session.transcript.messages[-1].content.startswith(kept)


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_starter_answers_on_a_fresh_data_folder(tmp_path: Path) -> None:
    async with running_app(tmp_path) as app:
        centre = app.window.parts.centre
        await until(lambda: isinstance(centre.currentWidget(), FirstRun))
        await app.new_chat()
        session = await app.say("Hello!")
        await until(lambda: len(session.transcript.messages) == 2 and not session.is_busy)

        reply = session.transcript.messages[-1]
        assert reply.state is MessageState.COMPLETE
        assert reply.finish_reason is FinishReason.STOP
        assert len(reply.content.split()) >= 2
        # Nothing was chosen: the starter brings its own draft model, and speculation is automatic.
        info, stats = app.window.model_state.info, reply.stats
        assert info is not None
        assert info.draft_name == "Realm Starter Draft"
        assert stats is not None
        assert stats.num_drafted_tokens > 0
