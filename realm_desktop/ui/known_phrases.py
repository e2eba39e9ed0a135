"""What other processes and rooms without Qt say in plain text, as far as users meet it often.

Named here so that it is translated: a text of this list is recognized when it is shown. Everything
else that holds values stays English; errors have a list of their own, `known_errors.py`.
"""

from __future__ import annotations

from typing import Final

from realm_desktop.phrase import Phrase, Template

WORDS: Final = (
    Phrase("reads along with another reply that has the same beginning"),
    Phrase("paused to make room; continues by itself"),
    Phrase("paused to make room: memory is short; continues by itself"),
    Phrase("waiting for room in the KV cache"),
    Phrase("starts with the next step"),
    Phrase("reading"),
    Phrase("loading weights"),
    Phrase("testing the device"),
    Phrase("there is an NVIDIA driver, but this torch was built for the CPU"),
    Phrase("Settings, Engine offers CUDA support where there is a build for this program."),
    Phrase("Install a newer NVIDIA driver."),
    Phrase("Install the NVIDIA driver of your card."),
    Phrase("the server did not answer"),
    Phrase("no connection to the server could be made"),
    Phrase("the proxy refused the connection"),
    Phrase("the connection was cut"),
    Phrase("the disk is full"),
    Phrase("another torch was imported in its place"),
    Phrase("it finds no card: the NVIDIA driver may be too old for it"),
    Phrase("another version of this program tried it"),
    Phrase("it was not tried"),
    Phrase("Load the model it was made for, or switch it off in the mix of the workspace."),
)
"""Of waiting, loading and lines that were cut."""

TEMPLATES: Final = (
    Template("all {} places in the batch are taken"),
    Template("draft model: {}"),
    Template("It computes on the CPU. {}"),
    Template("It computes on the CPU: {}. {}"),
    Template("torch is built for CUDA {}; the driver runs CUDA up to {}"),
    Template("torch is built for CUDA {}, and there is no NVIDIA driver"),
    Template("Of {} cards it computes on {}, {}, which has the most free memory: {} GiB."),
    Template("{} ({}) failed its self-test: {}."),
    Template("it does not work here: {}"),
    Template("it is version {}; this program was made with {}"),
    Template("the engine stopped: {}"),
    Template("the conversation has {} tokens; {} fit"),
    Template("the last message has {} tokens; {} fit"),
    Template("{} has {} tokens; {} fit into the context of this model"),
    Template("the KV cache needs {} and {} can be used"),
    Template("The weights of {} need {} GiB of memory, which could not be had."),
    Template("{} has the architecture {}; supported are {}."),
    Template("The device {} is not available; found are: {}."),
    Template("{} adapters are loaded; at most {} can be."),
    Template("the reply was written by {}; {} is loaded"),
    Template("{} is a folder"),
    Template("{} has {} bytes; {} can be attached"),
    Template("the adapter {} does not fit: {}"),
    Template("fits {} · rank {} · {} of {} targets"),
    Template("made for {}; this model is called {}"),
    Template("made for the architecture {}, this model has {}"),
    Template("made for hidden size {}, this model has {}"),
    Template("made for {} layers or more, this model has {}"),
    Template("changes {}, which this model does not have"),
    Template("{} is for {}, this model has {}"),
    Template("{} changes a layer that another name changes too"),
    Template("brings {} of {}, this model has {}"),
    Template("the adapter {} of this reply is not known any more"),
    Template("there are {} lanes; at most {} can be compared"),
    Template("the folder {} cannot be moved into itself"),
    Template("folders would lie {} deep; at most {} are possible"),
    Template("Offline is on: {} was not asked"),
    Template("Offline is on: the connection to {} was refused"),
    Template("Offline is on: a connection to {} was refused"),
    Template("{} cannot be reached: {}"),
    Template("{} is busy (HTTP {})"),
    Template("the hub answered HTTP {}"),
    Template("the hub knows no repository {}, or shows it to its owner only"),
    Template("{} may be seen only by users whom its author lets in"),
    Template("{} is no repository: owner/name is expected"),
    Template("{} stopped at {} of {} bytes: {}"),
    Template("{} arrived with another {} than it is listed with; the bytes were removed"),
    Template("the download needs {} MB more and {} MB to spare; the disk has {} MB free"),
    Template("{} needs {} MB; the disk has {} MB free."),
    Template("{} is {}; it must be between {} and {}"),
    Template("Set {} to a value in this range."),
    Template("the settings could not be saved in {}: {}"),
    Template("the conversations could not be read or saved in {}: {}"),
    Template("the conversations in {} were damaged; {} messages were recovered from {}"),
    Template("The damaged file is kept as {}."),
    Template("the backup {} could not be made: {}"),
    Template("the backup {} is damaged: {}"),
    Template("the folder {} cannot be created: {}"),
)
"""The same with values: names, numbers, or words of this list."""
