"""Every error a user can meet, as one tree.

Knows nothing of files, torch or Qt; imported by every room of both processes.

    RealmError
    ├── ModelFileError             a model, tokenizer or adapter file cannot be used
    │   ├── CorruptFile            bytes contradict the format
    │   ├── UnsupportedArchitecture
    │   ├── UnsupportedTensorType
    │   ├── DraftMismatch          a draft model whose vocabulary is not the target's
    │   └── TemplateError          a chat template failed or broke its limits
    ├── AdapterError
    │   └── AdapterMismatch        an adapter made for another base model
    ├── RequestError               one request is refused, the others go on
    │   ├── PromptTooLong
    │   ├── InvalidSampling
    │   ├── InvalidGrammar
    │   └── NoModel                nothing is loaded
    ├── InvalidJson                text is not the JSON it should be
    ├── OutOfMemory
    ├── EngineStopped              the engine process ended
    ├── LibraryPanic               a native library gave up on one call
    ├── DownloadError
    │   └── Offline                the Offline switch refused a connection
    ├── UpdateError                a release feed cannot be had or believed
    ├── StoreError
    │   └── AlreadyOpen            another process has the database
    ├── AttachmentError            a file cannot go with a message
    ├── ExportError                a file cannot be written
    ├── ImportFailed               a file of chats, or a chat in it, cannot be taken in
    ├── TrainingError              a training cannot go on
    │   └── TrainingDataError      an example to learn from cannot be used
    ├── SettingsError
    ├── ToolError
    └── UsageError                 a command line that cannot be understood
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

NO_SPACE: Final = "space"
"""The `field` of an error that more room on the disk would have spared."""


class RealmError(Exception):
    """A failure with a sentence for the user.

    Args:
        message: Names the thing, the value found and the value expected.
        advice: One thing the user can do; may be empty.
        file: The file at fault, if any.
        field: The header field, key or tensor at fault, if any.
        offset: Byte offset of the fault in the file, if known.
    """

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        file: Path | str | None = None,
        field: str | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.file = None if file is None else str(file)
        self.field = field
        self.offset = offset

    @property
    def kind(self) -> str:
        """The class name: the stable name of the error in JSON and events."""
        return type(self).__name__


class ModelFileError(RealmError):
    """A model, tokenizer or adapter file cannot be used."""


class CorruptFile(ModelFileError):
    """The bytes of a file contradict its format."""


class UnsupportedArchitecture(ModelFileError):
    """The file is sound, but describes a network this version does not know."""


class UnsupportedTensorType(ModelFileError):
    """The file is sound, but stores a tensor in a type this version cannot read."""


class DraftMismatch(ModelFileError):
    """A draft model's vocabulary differs from that of the model it should draft for."""


class TemplateError(ModelFileError):
    """A chat template failed to render or broke its limits."""


class AdapterError(RealmError):
    """An adapter cannot be used."""


class AdapterMismatch(AdapterError):
    """An adapter was made for another base model."""


class RequestError(RealmError):
    """One request is refused; the others go on."""


class PromptTooLong(RequestError):
    """A prompt does not fit into the context or the KV pool."""


class InvalidSampling(RequestError):
    """A sampling value is outside its range."""


class InvalidGrammar(RequestError):
    """A schema or grammar cannot be compiled."""


class NoModel(RequestError):
    """A request came while no model is loaded."""


class InvalidJson(RealmError):
    """A text is not JSON, or JSON beyond the limits; `offset` counts its characters."""


class OutOfMemory(RealmError):
    """Memory for a model or a request cannot be had."""


class EngineStopped(RealmError):
    """The engine process ended and took this request along."""


class LibraryPanic(RealmError):
    """A native library gave up on one call; a panic of Rust is no `Exception` for Python."""


def contained(error: BaseException) -> Exception:
    """The error as one that may end a request, at a wall that catches every error.

    Raises:
        BaseException: The error itself, if it asks the program to end.
    """
    if isinstance(error, Exception):
        return error
    if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
        raise error
    panic = LibraryPanic(
        f"a native library gave up: {type(error).__name__}: {error}",
        advice="The log has the details.",
    )
    panic.__cause__ = error
    return panic


class DownloadError(RealmError):
    """A download failed."""


class Offline(DownloadError):
    """The Offline switch refused a connection to another machine."""


class StoreError(RealmError):
    """The database cannot be read or written."""


class AlreadyOpen(StoreError):
    """Another process has the database open."""


class AttachmentError(RealmError):
    """A file cannot go with a message: it is no text, too long, or cannot be read."""


class ExportError(RealmError):
    """A model, an adapter or chats cannot be written to a file."""


class ImportFailed(RealmError):
    """A file of chats, or one chat in it, cannot be taken in."""


class TrainingError(RealmError):
    """A training of an adapter cannot go on."""


class TrainingDataError(TrainingError):
    """A file of examples, or one line of it, cannot be learned from."""


class SettingsError(RealmError):
    """A setting cannot be read or has a value outside its range."""


class ToolError(RealmError):
    """A tool call failed."""


class UpdateError(RealmError):
    """A release feed cannot be had or believed."""


class UsageError(RealmError):
    """A command line cannot be understood."""
