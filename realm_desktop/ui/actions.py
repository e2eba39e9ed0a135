"""Every action of the window once, as plain values: text, tooltip, usual keys, and its menu.

The table knows nothing of what an action does: `WindowCommands` connects it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

ActionName = Literal[
    "new-chat",
    "new-folder",
    "new-workspace",
    "workspace-settings",
    "close-tab",
    "reopen-tab",
    "export-chat",
    "export-all",
    "import-chats",
    "print-chat",
    "storage",
    "quit",
    "copy-last-reply",
    "palette",
    "find-in-chat",
    "find-next",
    "find-previous",
    "filter-chats",
    "settings",
    "show-chats",
    "show-models",
    "toggle-sidebar",
    "toggle-rail",
    "toggle-dock",
    "show-performance",
    "show-log-page",
    "zoom-in",
    "zoom-out",
    "zoom-reset",
    "full-screen",
    "stop",
    "pause",
    "regenerate",
    "regenerate-with",
    "continue",
    "compare",
    "rename-chat",
    "pin-chat",
    "move-chat",
    "duplicate-chat",
    "branch-chat",
    "delete-chat",
    "choose-model",
    "load-options",
    "open-model",
    "add-model-folder",
    "reload-model",
    "builtin-template",
    "unload-model",
    "restart-engine",
    "discover-models",
    "show-downloads",
    "network",
    "show-adapters",
    "add-adapter",
    "add-adapter-folder",
    "import-adapter",
    "toggle-adapters",
    "toggle-panel",
    "split-right",
    "split-down",
    "next-pane",
    "detach-tab",
    "attach-tab",
    "next-tab",
    "previous-tab",
    "shortcuts",
    "show-logs",
    "about",
]

ACTION_NAMES: Final[tuple[ActionName, ...]] = get_args(ActionName)
NUM_TAB_KEYS: Final = 9
"""Alt+1 to Alt+9 show a tab; 9 is always the last one. Ctrl and a digit show a page."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row of the table; `text` and `tooltip` are English source texts of translations.

    Attributes:
        keys: Shortcuts in Qt's portable form; the first one is shown in the menu.
    """

    name: ActionName
    text: str
    tooltip: str
    keys: tuple[str, ...] = ()
    is_checkable: bool = False
    role: QAction.MenuRole = QAction.MenuRole.NoRole


SPECS: Final = (
    ActionSpec("new-chat", "New chat", "Start a new chat in a tab", ("Ctrl+N", "Ctrl+T")),
    ActionSpec("new-folder", "New folder", "Group chats of this workspace", ("Ctrl+Shift+N",)),
    ActionSpec("new-workspace", "New workspace…", "Group chats of their own"),
    ActionSpec(
        "workspace-settings",
        "Workspace settings…",
        "Name, colour, system prompt and sampling of this chat's workspace",
    ),
    ActionSpec("close-tab", "Close tab", "Close this tab; the chat stays", ("Ctrl+W",)),
    ActionSpec("reopen-tab", "Reopen closed tab", "Open the last closed tab", ("Ctrl+Shift+T",)),
    ActionSpec(
        "export-chat", "Export chat…", "Save this chat as a document or as JSON", ("Ctrl+Shift+E",)
    ),
    ActionSpec("export-all", "Export all chats…", "Save every chat in one JSON file"),
    ActionSpec("import-chats", "Import chats…", "Add chats from Realm Desktop or ChatGPT"),
    ActionSpec("print-chat", "Print…", "Print this chat", ("Ctrl+P",)),
    ActionSpec("storage", "Storage and backups…", "Space, backups, check of the data, trash"),
    ActionSpec("quit", "Quit", "End Realm Desktop", ("Ctrl+Q",), role=QAction.MenuRole.QuitRole),
    ActionSpec(
        "copy-last-reply", "Copy last reply", "Copy the last reply's text", ("Ctrl+Shift+C",)
    ),
    ActionSpec(
        "palette", "Command palette…", "Find an action, a setting, a chat or a model", ("Ctrl+K",)
    ),
    ActionSpec("find-in-chat", "Find in chat…", "Find words in this chat", ("Ctrl+F",)),
    ActionSpec("find-next", "Find next", "Go to the next hit in this chat", ("F3",)),
    ActionSpec(
        "find-previous", "Find previous", "Go to the previous hit in this chat", ("Shift+F3",)
    ),
    ActionSpec("filter-chats", "Filter chats", "Find a chat by its title", ("Ctrl+Shift+F",)),
    ActionSpec(
        "settings",
        "Settings…",
        "Look, sending and engine",
        ("Ctrl+,",),
        role=QAction.MenuRole.PreferencesRole,
    ),
    ActionSpec("show-chats", "Chats", "Show the chats", ("Ctrl+1",)),
    ActionSpec("show-models", "Models", "Show the Models page", ("Ctrl+2",)),
    ActionSpec("toggle-sidebar", "Sidebar", "Show or hide the sidebar", ("Ctrl+B",), True),
    ActionSpec("toggle-rail", "Page bar", "Show or hide the bar of pages at the edge", (), True),
    ActionSpec(
        "toggle-dock",
        "Batch view",
        "Show or hide what the engine computes, its performance and the log",
        ("Ctrl+J",),
        True,
    ),
    ActionSpec("show-performance", "Performance", "Show the engine's figures as curves"),
    ActionSpec("show-log-page", "Log", "Show the last lines of the log"),
    ActionSpec("zoom-in", "Zoom in", "Make everything larger", ("Ctrl++", "Ctrl+=")),
    ActionSpec("zoom-out", "Zoom out", "Make everything smaller", ("Ctrl+-",)),
    ActionSpec("zoom-reset", "Normal size", "Show everything at 100 %", ("Ctrl+0",)),
    ActionSpec("full-screen", "Full screen", "Fill the screen with the window", ("F11",), True),
    ActionSpec("stop", "Stop reply", "Stop the reply of this chat"),
    ActionSpec(
        "pause", "Pause reply", "Pause the reply of this chat, or let it go on", is_checkable=True
    ),
    ActionSpec("regenerate", "Regenerate", "Write another version of the last reply", ("Ctrl+R",)),
    ActionSpec(
        "regenerate-with",
        "Regenerate with…",
        "Write the last reply again with another model, adapter, temperature or seed",
        ("Ctrl+Shift+R",),
    ),
    ActionSpec(
        "continue", "Continue reply", "Write on where the last reply ended", ("Ctrl+Shift+Return",)
    ),
    ActionSpec(
        "compare", "Compare lanes", "Send one prompt to several adapters or settings", ("Ctrl+D",)
    ),
    ActionSpec("rename-chat", "Rename…", "Give this chat another title", ("F2",)),
    ActionSpec("pin-chat", "Pin", "Keep this chat at the top of the sidebar", (), True),
    ActionSpec("move-chat", "Move to…", "Put this chat into another workspace or folder"),
    ActionSpec("duplicate-chat", "Duplicate chat", "Copy this chat with all its versions"),
    ActionSpec("branch-chat", "Branch chat", "Go on in a copy of the messages that are shown"),
    ActionSpec("delete-chat", "Move to Trash", "Move this chat to the trash", ("Ctrl+Shift+D",)),
    ActionSpec("choose-model", "Choose model…", "Choose a model to load", ("Ctrl+L",)),
    ActionSpec(
        "load-options", "Load with options…", "Context, memory and draft model of the model"
    ),
    ActionSpec("open-model", "Open a model file…", "Load a GGUF or safetensors file", ("Ctrl+O",)),
    ActionSpec("add-model-folder", "Add a model folder…", "List the models of a folder"),
    ActionSpec(
        "builtin-template",
        "Use built-in template",
        "Load the model again with the app's chat template instead of its own",
    ),
    ActionSpec("reload-model", "Reload model", "Load the model again with the present settings"),
    ActionSpec("unload-model", "Unload model", "Give the model's memory back"),
    ActionSpec("restart-engine", "Start engine", "Start the engine again after it stopped"),
    ActionSpec(
        "discover-models",
        "Discover models…",
        "Search the hub for models to download",
        ("Ctrl+Shift+M",),
    ),
    ActionSpec("show-downloads", "Downloads", "Show the Downloads page", ("Ctrl+4",)),
    ActionSpec("network", "Network…", "Offline, proxy, mirror and access token"),
    ActionSpec("show-adapters", "All adapters", "Show the Adapters page", ("Ctrl+3",)),
    ActionSpec("add-adapter", "Add adapter files…", "Add GGUF or safetensors adapters"),
    ActionSpec("add-adapter-folder", "Add an adapter folder…", "Add what PEFT wrote"),
    ActionSpec("import-adapter", "Import an adapter…", "Download an adapter from the hub"),
    ActionSpec(
        "toggle-adapters",
        "A/B: answer without adapters",
        "Switch all adapters of this workspace off, or on again, from the next message on",
        ("Ctrl+Shift+A",),
        True,
    ),
    ActionSpec(
        "toggle-panel",
        "Right panel",
        "Show or hide model, sampling, adapters, tokens and notes of this chat",
        ("Ctrl+Alt+B",),
        True,
    ),
    ActionSpec("split-right", "Split right", "Show this chat beside the others", ("Ctrl+\\",)),
    ActionSpec("split-down", "Split down", "Show this chat below the others", ("Ctrl+Shift+\\",)),
    ActionSpec("next-pane", "Next pane", "Go to the next pane", ("F6",)),
    ActionSpec("detach-tab", "Move to a new window", "Show this chat in a window of its own"),
    ActionSpec("attach-tab", "Move back to the main window", "Close this window, keep its tabs"),
    ActionSpec("next-tab", "Next tab", "Show the tab to the right", ("Ctrl+Tab", "Ctrl+PgDown")),
    ActionSpec(
        "previous-tab",
        "Previous tab",
        "Show the tab to the left",
        ("Ctrl+Shift+Tab", "Ctrl+PgUp"),
    ),
    ActionSpec("shortcuts", "Keyboard shortcuts", "List every key", ("Ctrl+/",)),
    ActionSpec("show-logs", "Show log files", "Open the folder of the log files"),
    ActionSpec(
        "about",
        "About Realm Desktop",
        "Versions, engine and licence",
        role=QAction.MenuRole.AboutRole,
    ),
)

MENUS: Final[tuple[tuple[str, tuple[ActionName | None, ...]], ...]] = (
    (
        "&File",
        (
            "new-chat",
            "new-folder",
            "new-workspace",
            "workspace-settings",
            None,
            "close-tab",
            "reopen-tab",
            None,
            "export-chat",
            "export-all",
            "import-chats",
            "print-chat",
            None,
            "storage",
            "quit",
        ),
    ),
    (
        "&Edit",
        (
            "copy-last-reply",
            None,
            "find-in-chat",
            "find-next",
            "find-previous",
            None,
            "palette",
            "filter-chats",
            None,
            "settings",
        ),
    ),
    (
        "&View",
        (
            "show-chats",
            "show-models",
            None,
            "toggle-sidebar",
            "toggle-rail",
            "toggle-panel",
            "toggle-dock",
            "show-performance",
            "show-log-page",
            None,
            "zoom-in",
            "zoom-out",
            "zoom-reset",
            None,
            "full-screen",
        ),
    ),
    (
        "&Chat",
        (
            "stop",
            "pause",
            "regenerate",
            "regenerate-with",
            "continue",
            "compare",
            None,
            "rename-chat",
            "pin-chat",
            "move-chat",
            "duplicate-chat",
            "branch-chat",
            "delete-chat",
        ),
    ),
    (
        "&Model",
        (
            "choose-model",
            "load-options",
            "open-model",
            "add-model-folder",
            None,
            "discover-models",
            "show-downloads",
            "network",
            None,
            "reload-model",
            "builtin-template",
            "unload-model",
            "restart-engine",
        ),
    ),
    (
        "&Adapter",
        (
            "show-adapters",
            "add-adapter",
            "add-adapter-folder",
            "import-adapter",
            None,
            "toggle-adapters",
        ),
    ),
    (
        "&Window",
        (
            "split-right",
            "split-down",
            "next-pane",
            None,
            "detach-tab",
            "attach-tab",
            None,
            "next-tab",
            "previous-tab",
        ),
    ),
    ("&Help", ("shortcuts", "show-logs", None, "about")),
)

CHAT_KEYS: Final = (
    ("Send", "Enter"),
    ("New line", "Shift+Enter"),
    ("Stop the reply", "Esc"),
    ("Edit the last message", "↑ in an empty field"),
    ("Show tab 1 to 8, or the last one", "Alt+1 … Alt+9"),
    ("Previous or next message", "Alt+↑ Alt+↓"),
    ("Previous or next version of the message", "Alt+← Alt+→"),
)
"""Keys that belong to no menu, for the list of shortcuts: text, keys in words."""


def action_text(text: str) -> str:
    """A text of the table in the user's language."""
    return QCoreApplication.translate("Actions", text)


def menu_title(name: ActionName) -> str:
    """The menu that an action stands in, in the user's language."""
    title = next(title for title, names in MENUS if name in names)
    return action_text(title).replace("&", "")
