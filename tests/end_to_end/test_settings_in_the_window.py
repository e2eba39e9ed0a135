"""Settings of the right panel reach a real engine and change what it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.chat.continuation import continue_with
from realm_desktop.protocol import SpeculationMode
from realm_desktop.ui.panels.panel_pages import SystemPage
from tests.support.panels import edit_in, shown_page
from tests.support.running_app import RunningApp, running_app, until
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.slow

LIMIT_S = 200.0
QUESTION = "the same question"

SCHEMA = {
    "type": "object",
    "properties": {"tide": {"enum": ["high", "low"]}},
    "required": ["tide"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model."""
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


async def _open_panel(app: RunningApp) -> None:
    await until(lambda: app.has_model and app.window._library.workspaces)
    await app.new_chat()
    app.window.commands.set_panel_visible(is_visible=True)


async def _set(app: RunningApp, **values: Any) -> None:
    """Set values of the shown chat as the panel's controls do."""
    for name, value in values.items():
        edit_in(app.window.parts.panel, name.replace("__", "."), value)
    await until(lambda: not app.window.panels._saving)


async def _answer(app: RunningApp) -> str:
    """The reply to the question in the shown chat, asked anew."""
    session = app.tab.session
    if session.transcript.messages:
        await session.regenerate(session.transcript.messages[-1].message_id)
    else:
        await app.say(QUESTION)
    await until(lambda: not session.is_busy)
    return session.transcript.messages[-1].content


async def _seed_and_temperature_decide_the_reply(app: RunningApp) -> None:
    await _set(
        app,
        reply__is_seed_new=False,
        sampling__seed=7,
        sampling__max_tokens=12,
        sampling__ignore_end=True,
    )
    first, again = await _answer(app), await _answer(app)
    await _set(app, sampling__seed=8)
    other_seed = await _answer(app)
    await _set(app, sampling__temperature=0.0)
    greedy = await _answer(app)
    await _set(app, sampling__seed=9)

    assert first == again
    assert len({first, other_seed, greedy}) == 3
    assert await _answer(app) == greedy


async def _speculation_changes_while_running_and_never_the_text(app: RunningApp) -> None:
    await _set(app, sampling__max_tokens=120, speculation__mode="off")
    without = await _answer(app)
    session = app.tab.session
    await session.regenerate(session.transcript.messages[-1].message_id)
    running = session.replies.furthest
    await _set(app, speculation__mode="ngram")
    mode = None if running is None else running.request.speculation.mode
    await until(lambda: not session.is_busy)

    assert mode is SpeculationMode.NGRAM
    assert session.transcript.messages[-1].content == without


async def _other_token_leads_to_another_version(app: RunningApp) -> None:
    await _set(app, sampling__logprobs=5, sampling__max_tokens=12)
    await _answer(app)
    session = app.tab.session
    reply = session.transcript.messages[-1]
    trace = session.traces.get(reply.message_id)
    assert trace is not None
    entry = trace.entries[4]
    texts = dict(zip((token_id for token_id, _ in entry.top), entry.top_texts, strict=True))
    other = next(i for i, text in texts.items() if i != entry.token_id and text.isalpha())
    await continue_with(session, reply.message_id, 4, other)
    await until(lambda: not session.is_busy)
    version = session.transcript.messages[-1]
    beginning = "".join(known.text for known in trace.entries[:4]) + texts[other]

    assert version.content.strip().startswith(beginning.strip())
    assert session.transcript.version_of(version.message_id)[1] > 1


async def _schema_is_checked_by_the_engine_and_kept_by_the_reply(app: RunningApp) -> None:
    app.window.parts.panel.show_page("system")
    page = shown_page(app.window.parts.panel, SystemPage)
    bad = {"type": "object", "properties": {"a": {"not": {}}}}
    await _set(app, system__output_form="json_schema", system__output_text=json.dumps(bad))
    await until(lambda: "/properties/a/not" in page.check.text())
    await _set(app, system__output_text=json.dumps(SCHEMA))
    await until(lambda: "can enforce" in page.check.text())
    await _set(app, sampling__ignore_end=False, sampling__max_tokens=None)
    # A random network at temperature 0 would write spaces to the end of its context.
    await _set(app, sampling__temperature=1.0)
    reply = await _answer(app)

    assert json.loads(reply)["tide"] in ("high", "low")


# One run for all three: starting an engine process takes longer than what is asked of it.
@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_settings_of_the_panel_reach_the_engine(tmp_path: Path, model: Path) -> None:
    async with running_app(tmp_path, model) as app:
        await _open_panel(app)
        await _seed_and_temperature_decide_the_reply(app)
        await _speculation_changes_while_running_and_never_the_text(app)
        await _other_token_leads_to_another_version(app)
        await _schema_is_checked_by_the_engine_and_kept_by_the_reply(app)
