"""What the right panel does: shows the settings that hold, and puts changes where they belong.

The hands between chats, workspaces and the app's settings on one side, the panel on the other.
Changes take effect with the next request; those of speculation also reach running replies.
GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.form_check import form_request, refusal_of_form
from realm_desktop.chat.session import ChatSession
from realm_desktop.client import EngineClient
from realm_desktop.engine_stats import GenerationStats, SequenceStats
from realm_desktop.errors import SettingsError
from realm_desktop.events import ErrorInfo
from realm_desktop.protocol import GenerateRequest, WorkspaceId
from realm_desktop.schema.resolution import (
    Resolved,
    known_keys,
    resolve,
    with_value,
    without_keys,
)
from realm_desktop.schema.setting import Scope, Setting, Values
from realm_desktop.schema.table import BY_KEY, SETTINGS
from realm_desktop.settings import Settings, SettingsFile, app_value, with_app_value
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId, Workspace
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.draft_figures import figures_text
from realm_desktop.ui.panels.panel_pages import (
    DRAFT_KEY,
    ModelSettingsPage,
    SettingsPage,
    SpeculationPage,
    SystemPage,
)
from realm_desktop.ui.panels.right_panel import RightPanel
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.task_keeper import TaskKeeper

DRAFT_REFUSED: Final = "DraftMismatch"
"""The kind of error of a draft model that does not fit."""

Edit = Callable[[Values], Values]
Target = tuple[Scope, str]
"""What is edited: a scope, and the id of its conversation or workspace."""


class PanelCommands(QObject):
    """Fills the right panel and obeys it.

    Attributes:
        shown: The panel shows other values.
        scope: Where changes go, as the user chose it last.
    """

    shown = Signal()

    def __init__(
        self,
        library: ChatLibrary,
        client: EngineClient,
        settings: SettingsFile,
        state: ModelState,
        tasks: TaskKeeper,
        panel: RightPanel,
        tabs: Panes,
    ) -> None:
        super().__init__(panel)
        self._library = library
        self._client = client
        self._settings = settings
        self._state = state
        self._tasks = tasks
        self._panel = panel
        self._tabs = tabs
        self.scope = Scope.CONVERSATION
        # Values on their way to the disk: a field is turned faster than a transaction ends.
        self._drafts: dict[Target, Values] = {}
        self._saving: set[Target] = set()
        self._checked: tuple[object, ...] = ()
        self._check: asyncio.Task[Any] | None = None
        self._refused_path = ""
        self._refusal = ""
        self._shown_target: Target | None = None
        self._unsubscribe = settings.subscribe(self._on_settings_changed)
        self._connect()

    @property
    def session(self) -> ChatSession | None:
        """The chat that is shown."""
        return self._tabs.current_session

    @property
    def workspace(self) -> Workspace | None:
        """The workspace of the shown chat; None at the start."""
        shown = None if self.session is None else self.session.conversation.workspace_id
        wanted = shown or GENERAL_WORKSPACE_ID
        found = (w for w in self._library.workspaces if w.workspace_id == wanted)
        return next(found, None)

    @property
    def resolved(self) -> Resolved:
        """What holds in the scope being edited, changes on their way to the disk included."""
        scope = self._scope
        app = self._settings.current.defaults
        if scope is Scope.APP:
            return resolve(app, {})
        workspace = self._values((Scope.WORKSPACE, self._id_of(Scope.WORKSPACE)))
        if scope is Scope.WORKSPACE:
            return resolve(app, workspace)
        return resolve(app, workspace, self._values(self._target))

    def close(self) -> None:
        """Hear no more changes, wait for no answer."""
        self._unsubscribe()
        if self._check is not None:
            self._check.cancel()

    def refresh(self) -> None:
        """Show everything as it is now; costs nothing while the panel is hidden."""
        workspace = self.workspace
        if workspace is None or not self._is_shown:
            return
        panel, scope, resolved = self._panel, self._scope, self.resolved
        values = {**_own_values(self._settings.current), **resolved.values}
        for page in panel.settings_pages:
            if self._target != self._shown_target:
                page.form.forget_faults()
            page.show_values(values, resolved.scopes, scope)
        self._shown_target = self._target
        for problem in resolved.problems:
            panel.show_fault(problem.field or "", problem.message)
        panel.show_scopes(workspace.name, scope, has_chat=self.session is not None)
        own = () if self.session is None else known_keys(self._values(self._chat_target))
        panel.show_changed(own)
        self.show_model()
        self.show_figures()
        self._check_form(resolved)
        self.shown.emit()

    def show_model(self) -> None:
        """Say whether the loaded model has the chosen values."""
        state, panel = self._state, self._panel
        if (page := panel.made(ModelSettingsPage)) is not None:
            page.show_reload(is_needed=state.needs_reload, has_model=state.info is not None)
        if state.info is not None and not state.is_loading and not state.needs_reload:
            self._refusal = ""
        if (speculation := panel.made(SpeculationPage)) is not None:
            speculation.show_refusal(self._draft_fault)

    def show_figures(self) -> None:
        """Show what drafting brings in the shown chat, live."""
        page = self._panel.made(SpeculationPage)
        if page is None or not self._is_shown:
            return
        mode = self.resolved["speculation.mode"]
        page.show_figures(figures_text(self._figures(), is_on=mode != "off"))

    def change(self, key: str, value: object) -> None:
        """Set a value where changes go; one that the next scope has anyway is not kept twice."""
        setting = BY_KEY[key]
        try:
            checked = setting.checked(value)
        except SettingsError as error:
            self._panel.show_fault(key, error.message)
            return
        if setting.scopes == (Scope.APP,):
            self._settings.put(with_app_value(self._settings.current, key, checked))
        elif self._inherited(setting) == checked:
            self.edit(lambda values: without_keys(values, key))
        else:
            self.edit(lambda values: with_value(values, key, checked))

    def reset(self, *keys: str) -> None:
        """Let settings follow the next scope again."""
        for key in keys:
            if BY_KEY[key].scopes == (Scope.APP,):
                self.change(key, BY_KEY[key].default)
        self.edit(lambda values: without_keys(values, *keys))

    def reset_chat(self) -> None:
        """Let all settings of the chat follow its workspace again."""
        if self.session is not None:
            self.edit(lambda values: without_keys(values, *BY_KEY), self._chat_target)

    def edit(self, edit: Edit, target: Target | None = None) -> None:
        """Change the values of a target, at once on the screen and soon on the disk."""
        target = target or self._target
        if target[0] is Scope.APP:
            current = self._settings.current
            self._settings.put(replace(current, defaults=dict(edit(current.defaults))))
            return
        self._drafts[target] = edit(self._values(target))
        self.refresh()
        if target not in self._saving:
            self._saving.add(target)
            self._tasks.start(self._save(target))

    def inherited(self) -> Resolved:
        """What would hold if the scope being edited had no values of its own."""
        app = self._settings.current.defaults
        if self._scope is Scope.APP:
            return resolve({}, {})
        if self._scope is Scope.WORKSPACE:
            return resolve(app, {})
        return resolve(app, self._values((Scope.WORKSPACE, self._id_of(Scope.WORKSPACE))))

    @property
    def _draft_fault(self) -> str:
        """Why replies cannot draft as they are to; "" if they can."""
        model = self._state.info
        is_wanted = self.resolved["speculation.mode"] == "draft_model"
        if not self._refusal and is_wanted and model is not None and not model.draft_name:
            return words("No draft model is loaded, so replies are refused. Choose one below.")
        return self._refusal

    @property
    def _is_shown(self) -> bool:
        return not self._panel.isHidden()

    def _inherited(self, setting: Setting) -> Any:
        return self.inherited()[setting.key]

    @property
    def _scope(self) -> Scope:
        """Where changes go now: without a chat there is none to change."""
        is_chat = self.scope is Scope.CONVERSATION
        return Scope.WORKSPACE if is_chat and self.session is None else self.scope

    @property
    def _target(self) -> Target:
        return (self._scope, self._id_of(self._scope))

    @property
    def _chat_target(self) -> Target:
        return (Scope.CONVERSATION, self._id_of(Scope.CONVERSATION))

    def _id_of(self, scope: Scope) -> str:
        if scope is Scope.CONVERSATION and self.session is not None:
            return self.session.conversation.conversation_id
        workspace = self.workspace
        return "" if workspace is None or scope is Scope.APP else workspace.workspace_id

    def _values(self, target: Target) -> Values:
        """The values of a target as the user last saw them."""
        scope, key = target
        if target in self._drafts:
            return self._drafts[target]
        if scope is Scope.APP:
            return self._settings.current.defaults
        if scope is Scope.WORKSPACE:
            found = [w for w in self._library.workspaces if w.workspace_id == key]
            return found[0].settings if found else {}
        session = self._library.sessions.get(ConversationId(key))
        return {} if session is None else session.conversation.settings

    async def _save(self, target: Target) -> None:
        """Save values of a target until none is newer than the disk."""
        try:
            while target in self._drafts:
                values = self._drafts[target]
                await self._store(target, values)
                if self._drafts.get(target) is values:
                    del self._drafts[target]
        finally:
            # After a failure the values of the disk count, and are shown again.
            self._drafts.pop(target, None)
            self._saving.discard(target)
            self._apply_speculation()
            self.refresh()

    async def _store(self, target: Target, values: Values) -> None:
        scope, key = target
        if scope is Scope.CONVERSATION:
            session = self._library.sessions.get(ConversationId(key))
            if session is not None:
                await session.saved.change(lambda old: replace(old, settings=values))
            return
        wanted = WorkspaceId(key)
        found = [w for w in self._library.workspaces if w.workspace_id == wanted]
        if found:
            await self._library.update_workspace(replace(found[0], settings=values))

    def _apply_speculation(self) -> None:
        for session in self._library.sessions.values():
            session.apply_speculation()

    def _figures(self) -> SequenceStats | GenerationStats | None:
        """Of the running reply, else of the last one that has any."""
        if self.session is None:
            return None
        running = self.session.replies.furthest
        if running is not None:
            request_id = running.request.request_id
            rows = self._state.stats.sequences
            return next((row for row in rows if row.request_id == request_id), None)
        messages = reversed(self.session.transcript.messages)
        return next((message.stats for message in messages if message.stats), None)

    def _check_form(self, resolved: Resolved) -> None:
        """Ask the engine about the form of the reply, once for each form and model."""
        page = self._panel.made(SystemPage)
        if page is None:
            return
        request = form_request(resolved)
        model = self._state.info
        asked = (request and (request.json_schema, request.regex, request.grammar), model)
        if asked == self._checked:
            return
        self._checked = asked
        if self._check is not None:
            self._check.cancel()
        if request is None:
            page.show_check("", "muted")
        elif model is None:
            page.show_check(words("Checked as soon as a model is loaded."), "muted")
        else:
            page.show_check(words("Checking…"), "muted")
            # Kept here and not by the window's tasks: a newer form ends it.
            loop = asyncio.get_running_loop()
            self._check = loop.create_task(self._show_check(page, request))

    async def _show_check(self, page: SystemPage, request: GenerateRequest) -> None:
        refusal = await refusal_of_form(self._client, request)
        if refusal is None:
            text = words("The engine can enforce this form.")
            page.show_check(text, "success")
        else:
            text = sentences(refusal.message, refusal.advice)
            page.show_check(text, "danger")

    def _connect(self) -> None:
        panel = self._panel
        panel.page_made.connect(self._on_page_made)
        panel.opened.connect(self.refresh)
        panel.scope_chosen.connect(self._on_scope)
        panel.reset_all_requested.connect(self.reset_chat)
        self._tabs.current_changed.connect(self.refresh)
        self._state.changed.connect(self.refresh)
        self._state.measured.connect(self.show_figures)
        self._state.load_failed.connect(self._on_load_failed)

    def _on_page_made(self, page: object) -> None:
        if not isinstance(page, SettingsPage):
            return
        page.form.changed.connect(self.change)
        page.form.reset_requested.connect(self.reset)
        if isinstance(page, ModelSettingsPage):
            page.reload_requested.connect(self._state.reload)
        elif isinstance(page, SpeculationPage):
            page.ngram_requested.connect(self._on_ngram)
        self.refresh()

    def _on_scope(self, scope: str) -> None:
        self.scope = Scope(scope)
        self.refresh()

    def _on_settings_changed(self, _settings: Settings) -> None:
        self._apply_speculation()
        self.refresh()

    def _on_load_failed(self, path: str, error: ErrorInfo) -> None:
        draft_path = self._settings.current.engine.draft_path
        if error.kind == DRAFT_REFUSED or (draft_path and error.file == draft_path):
            self._refused_path, self._refusal = path, error.message
            # Every model would be refused for the same reason: the way out is on this page.
            self._panel.show_page("speculation")
            self._panel.wanted.emit()
            self.refresh()

    def _on_ngram(self) -> None:
        """Load the model without the draft that was refused, and draft from the text."""
        self.change(DRAFT_KEY, "")
        self.change("speculation.mode", "ngram")
        self._refusal = ""
        if self._refused_path:
            self._state.load(self._refused_path)
        self._refused_path = ""
        self.refresh()


def _own_values(settings: Settings) -> dict[str, Any]:
    """The values of the settings that only the app has."""
    only_app = (setting.key for setting in SETTINGS if setting.scopes == (Scope.APP,))
    return {key: app_value(settings, key) for key in only_app}
