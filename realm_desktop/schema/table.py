"""Every setting of the app, once, in the order they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from realm_desktop.network_settings import DEFAULT_HUB
from realm_desktop.protocol import MAX_DRAFT_TOKENS
from realm_desktop.schema.loading import LOADING
from realm_desktop.schema.sampling import SAMPLING
from realm_desktop.schema.setting import Kind, Scope, Setting, Values

_APP = (Scope.APP,)

THINKING_KEY = "reply.thinking"
SPECULATION_NOTE = "Changes speed only, never the text."

_SPECULATION = (
    Setting(
        "speculation.mode",
        "Speculation",
        "Drafts",
        "Where guesses at the next tokens come from",
        Kind.CHOICE,
        "auto",
        info="Automatic takes the draft model if one is loaded, else n-grams, and stops drafting"
        " while it does not pay. The running reply changes at once.",
        choices=(
            ("off", "Off"),
            ("ngram", "n-gram"),
            ("draft_model", "Draft model"),
            ("auto", "Automatic"),
        ),
    ),
    Setting(
        "speculation.max_draft_tokens",
        "Speculation",
        "Longest draft",
        "Tokens that one step may try at once",
        Kind.WHOLE,
        8,
        low=1,
        high=MAX_DRAFT_TOKENS,
        unit="tokens",
    ),
)

_THINKING = (
    Setting(
        THINKING_KEY,
        "Thinking",
        "Thinking",
        "Whether the model thinks before it answers, where that can be chosen",
        Kind.CHOICE,
        "template",
        info="Models that think take longer and answer hard questions better. A model whose chat template"
        " has no switch for it is not changed by this.",
        choices=(("template", "As the model does"), ("on", "On"), ("off", "Off")),
    ),
)

_SYSTEM = (
    Setting(
        "system.prompt",
        "System prompt",
        "System prompt",
        "Stands before the conversation, from the next message on",
        Kind.TEXT,
        "",
    ),
    Setting(
        "system.output_form",
        "Form of the reply",
        "The reply must be",
        "Enforced token by token",
        Kind.CHOICE,
        "free",
        info="What cannot be enforced is refused with its place, never ignored.",
        choices=(
            ("free", "Free text"),
            ("json_schema", "JSON of a schema"),
            ("regex", "Match of a pattern"),
            ("grammar", "Text of a grammar"),
        ),
    ),
    Setting(
        "system.output_text",
        "Form of the reply",
        "Schema, pattern or grammar",
        "JSON Schema (2020-12), regular expression, or Lark grammar",
        Kind.CODE,
        "",
    ),
)

_GENERAL = (
    Setting(
        "appearance.language",
        "General",
        "Language",
        "Of the window; takes effect at the next start",
        Kind.CHOICE,
        "system",
        info="Models answer in the language they are asked in, whatever is chosen here.",
        # A language is called by its own name, so that whoever needs it finds it.
        choices=(("system", "Follow the system"), ("en", "English"), ("de", "Deutsch")),
        scopes=_APP,
    ),
    Setting(
        "appearance.layout_direction",
        "General",
        "Layout direction",
        "Which side the window begins on; takes effect at the next start",
        Kind.CHOICE,
        "language",
        info="Messages follow the direction of their own text, and code runs from left to right.",
        choices=(("language", "As the language"), ("right_to_left", "From right to left")),
        scopes=_APP,
        is_rare=True,
    ),
    Setting(
        "chat.when_closed",
        "General",
        "Closing the window",
        "While replies, downloads or a training are under way",
        Kind.CHOICE,
        "ask",
        info="In the background, an icon in the system's tray says what goes on and brings the window"
        " back. A desktop without a tray asks in its place.",
        choices=(
            ("ask", "Ask"),
            ("background", "Keep running in the background"),
            ("stop", "Stop and quit"),
        ),
        scopes=_APP,
    ),
)

_APPEARANCE = (
    Setting(
        "appearance.theme",
        "Appearance",
        "Theme",
        "Colours of the window",
        Kind.CHOICE,
        "system",
        choices=(
            ("system", "Follow the system"),
            ("light", "Light"),
            ("dark", "Dark"),
            ("high_contrast", "High contrast"),
        ),
        scopes=_APP,
    ),
    Setting(
        "appearance.zoom",
        "Appearance",
        "Zoom",
        "Size of text and rows",
        Kind.PERCENT,
        1.0,
        low=0.8,
        high=2.0,
        step=0.1,
        scopes=_APP,
    ),
    Setting(
        "appearance.density",
        "Appearance",
        "Density",
        "How close rows and messages stand",
        Kind.CHOICE,
        "comfortable",
        choices=(("comfortable", "Comfortable"), ("compact", "Compact")),
        scopes=_APP,
    ),
    Setting(
        "appearance.is_column_wide",
        "Appearance",
        "Wide messages",
        "Messages take the whole width of their pane",
        Kind.SWITCH,
        info="Otherwise lines end where they are still easy to read; wide tables and code then scroll.",
        default=False,
        scopes=_APP,
    ),
    Setting(
        "appearance.is_motion_reduced",
        "Appearance",
        "Reduced motion",
        "Nothing turns or slides",
        Kind.SWITCH,
        default=False,
        scopes=_APP,
    ),
)

_CHAT = (
    Setting(
        "chat.send_key",
        "Chat",
        "Send with",
        "The other key, or Shift+Enter, begins a new line",
        Kind.CHOICE,
        "enter",
        choices=(("enter", "Enter"), ("ctrl_enter", "Ctrl+Enter")),
        scopes=_APP,
    ),
    Setting(
        "chat.expand_thinking",
        "Chat",
        "Expand thinking",
        "Shows what a reply thought before it answered, and not only for how long",
        Kind.SWITCH,
        default=False,
        scopes=_APP,
    ),
)

_NETWORK = (
    Setting(
        "network.is_offline",
        "Network",
        "Offline",
        "No other machine is asked for anything",
        Kind.SWITCH,
        default=False,
        scopes=_APP,
    ),
    Setting(
        "network.is_update_checked",
        "Network",
        "Look for updates",
        "Once a day at the start; nothing is downloaded or installed by itself",
        Kind.SWITCH,
        default=False,
        scopes=_APP,
    ),
    Setting(
        "network.proxy",
        "Network",
        "Proxy",
        "Address of an HTTP proxy; empty connects directly",
        Kind.LINE,
        "",
        scopes=_APP,
        is_rare=True,
    ),
    Setting(
        "network.hub_endpoint",
        "Network",
        "Hub",
        "Where models are searched and downloaded, or a mirror of it",
        Kind.LINE,
        DEFAULT_HUB,
        scopes=_APP,
        is_rare=True,
    ),
    Setting(
        "library.is_other_apps_scanned",
        "Models",
        "Models of other programs",
        "List what LM Studio, Jan, Ollama and Hugging Face have, in place",
        Kind.SWITCH,
        default=True,
        scopes=_APP,
    ),
)

SETTINGS: tuple[Setting, ...] = (
    *_GENERAL,
    *_APPEARANCE,
    *_CHAT,
    *LOADING,
    *_NETWORK,
    *SAMPLING,
    *_THINKING,
    *_SPECULATION,
    *_SYSTEM,
)

BY_KEY: Mapping[str, Setting] = MappingProxyType({setting.key: setting for setting in SETTINGS})

SCOPED: tuple[Setting, ...] = tuple(s for s in SETTINGS if Scope.CONVERSATION in s.scopes)
"""Those that a workspace or a conversation may set for itself."""


def of_parts(*parts: str) -> tuple[Setting, ...]:
    """The settings of some parts, in the order they are shown."""
    return tuple(setting for setting in SETTINGS if setting.part in parts)


def defaults() -> Values:
    """The default of every setting that more than the app may set."""
    return {setting.key: setting.default for setting in SCOPED}
