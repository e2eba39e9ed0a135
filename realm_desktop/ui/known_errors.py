"""Errors that name what they found, as far as users are likely to meet them; recognized by their words.

What is told of a file, a download or a load is composed where no language is known, and may come
from another process. What only a programmer, a damaged tensor or another program's fault can bring
about stays English: the test of this module lists the rooms.
"""

from __future__ import annotations

from typing import Final

from realm_desktop.phrase import Phrase, Template

FILES: Final = (
    Template("{} does not exist."),
    Template("{} may not be read by this user."),
    Template("{} cannot be read: {}"),
    Template("{} cannot be read: {}."),
    Template("{} cannot be written: {}"),
    Template("{} cannot be written: {}."),
    Template("{} cannot be opened: {}"),
    Template("{} is {}, not a file."),
    Template("{} is a folder without {}, not a model file."),
    Template("The folder {} has {} .safetensors files and no {}."),
    Template("The folder {} has its weights only as pickle files ({})."),
    Template("The folder {} has a {}, but no .safetensors file."),
    Template("{} names {} shards, and {} is missing."),
    Template("{} is one of {} shards, and their index {} is missing."),
    Template("{} is one of {} parts, and {} is missing."),
    Template(
        "{} is one of {} parts (split.count), but its name does not end in -00001-of-{}.gguf."
    ),
    Template("{} is damaged: {} is {}; allowed is {}."),
    Template("{} is damaged: near byte {}: {}"),
    Template("{} at byte 0; {}."),
    Template("{} is closed and cannot be read any more."),
    Template("{} is a Git LFS pointer at byte 0, not JSON or text."),
    Template("{} is big endian (version at byte 4); only little-endian GGUF can be read."),
    Template("{} is GGUF version 1 (at byte 4); allowed are versions 2 and 3."),
    Template("{} has no tokenizer, so it cannot read or write text"),
    Template("{} has no {} beside it, so it cannot read or write text"),
    Template("{}: the tokenizer is of kind {}; supported are {}"),
    Template("{}: the tokenizer was refused: {}"),
    Template("{} ({} bytes) cannot be mapped into memory: {}."),
    Template("There is not enough memory to read the header of {}."),
    Template("{} has no tensor {}; one of shape {} is expected."),
    Template("{}: tensor {} has shape {}; {} is expected."),
    Template("{}: tensor {} has type {} at byte {}; allowed are the types of GGUF up to {}."),
    Template(
        "{}: tensor {} has dtype {}; allowed are F64, F32, F16, BF16, F8_E4M3, F8_E5M2, integers and BOOL."
    ),
    Template(
        "{}: tensor {} has type {}, which cannot be read here; F32, F16, BF16 and the quantized types of GGUF are expected."
    ),
    Template("{}: tensor {} has values that are not positive numbers."),
    Template("{} needs {}, which is not supported ({})."),
    Template(
        "{} has the architecture {}; {} is supported for networks with the layers of Llama, Mistral, Qwen2 and Qwen3."
    ),
    Template("{} exists already."),
    Template("Choose the file {} in it."),
    Template("Download all {} parts into the same folder."),
    Template("{} is not complete: {}, described at byte {}, ends at byte {}; the file has {}."),
    Template("Let its download end, or download the file again."),
)
"""Model files, and others that the user chose."""

_FOUND: Final = (
    Template("{} has changed"),
    Template("{} is not there any more"),
    Template("{} is empty: it ends"),
    Template("{} is no model but a Git LFS pointer"),
    Template("{} is no model but a web page (HTML)"),
    Template("{} is no model but a text file"),
    Template("{} is a zip archive as PyTorch writes it, with pickle"),
    Template("{} has the start of a pickle file"),
    Template("{} has the magic number of GGML, older than GGUF,"),
    Template("{} has the start of an archive ({})"),
    Template("{} holds only zeros, not a header,"),
    Template("{} has shape {}"),
    Template("{} holds values that are not finite numbers"),
    Template("{} is a second matrix for the same place; one is expected"),
    Template("{} has a matrix {} and no matrix {}"),
    Template("{} is no preset: {}"),
    Template("{} has a bad value: {}"),
)
"""What was found in one, behind its name."""

_ALLOWED: Final = (
    Template("an integer from {} to {}"),
    Template("a number from {} to {}"),
    Template("a text of at most {} characters"),
    Template("an object with 1 to {} tensors"),
)
"""What would have been taken."""

ADAPTERS: Final = (
    Template("{}: {}; {} is expected."),
    Template("{}: number of tensors is {}; 2 to {} for this base model is expected."),
    Template("{}: the matrices of {} have rank {}; adapter_config.json says {}."),
    Template("{} has no adapter_config.json with it, or is not an adapter."),
    Template("{} is no LoRA adapter: {} is {}; {} is expected."),
    Template("{} uses {}, which cannot be used here."),
    Template("{} was begun with {}, which changed its base model."),
    Template("{} changes biases: bias is {}; none is expected."),
    Template("{} replaces modules whole: modules_to_save names {}; {} can be replaced here."),
    Template("{} is a {} adapter; LORA is expected."),
    Template("{} needs {}; {} are set aside for all adapters."),
    Template("There is no room for {} beside the adapters in use or kept warm."),
    Template("The memory for {} could not be had."),
    Template("The {} matrix of this model cannot be replaced by an adapter."),
    Template("the weight of an adapter is {}; it must be 0 to {}"),
    Template("{} replaces {} whole, which a GGUF adapter cannot say."),
)

ENGINE: Final = (
    Template(
        "{} cannot draft for this model: the vocabularies differ ({}; expected is the same vocabulary)"
    ),
    Template("{} of {} token ids differ: {}"),
    Template("{} tokens in the model and {} in the draft"),
    Template(
        "there is no memory to go on with this reply: not for one token behind {}, with every other reply paused"
    ),
    Template(
        "the conversation has {} tokens; the KV cache, which was made smaller when memory ran out, holds {}"
    ),
    Template("{} is larger than {} KB"),
    Template("{} cannot be used: {}"),
    Template("the JSON Schema {}"),
    Template("the chat template {}: {}"),
    Template("Remove the environment variable {}."),
    Template("{} is {}; this processor takes {}."),
    Template("The {} process cannot be started: {}."),
    Template("Close other programs and start the {} again."),
    Template("the check of the backends ended without a report: {}"),
    Template("a native library gave up: {}: {}"),
    Template("a message has {} bytes; at most {} can be sent at once"),
    Template("training {} needs {} ({}), and {} can be used"),
    Template("training {} needs memory that could not be had"),
    Template("No example has anything to learn within {} tokens."),
    Template("line {}: the model's chat template refuses this conversation: {}"),
    Template("{} has no training that could be resumed."),
    Template("The checkpoint of {} cannot be read: {}."),
)
"""Loads, drafts, memory, forms of replies, training."""

DOWNLOADS: Final = (
    Template("{} since it was downloaded"),
    Template("{} is listed with {} bytes"),
    Template("{} is listed with a digest that is none"),
    Template("the hub lists no checksum for {}, so it could not be verified"),
    Template("{} files; a download has 1 to {}"),
    Template("two files of {} differ in upper and lower case only"),
    Template("{}: the server redirects in circles"),
    Template("{}: the server redirects to no address"),
    Template("{}: the server sent a web page instead of the file"),
    Template("{}: the server announces {} bytes; listed are {}"),
    Template("{}: {} refuses access (HTTP {})"),
    Template("{} is not there any more (HTTP {} from {})"),
    Template("{}: {} answered HTTP {}"),
    Template("{} It was removed."),
    Template("{} sent a compressed answer that was not asked for"),
    Template("{} was not asked: it is not the hub of the settings"),
    Template("{} sent more than {} bytes"),
    Template("the answer of {} is incomplete: {}"),
    Template("{} offers nothing that can be used under the name {}"),
    Template("Look at all it offers: enter {}."),
    Template("the hub's answer about {} has no commit"),
    Template("the hub's answer cannot be understood: {}"),
    Template("{} is no repository: {}"),
    Template("the token could not be saved: {}"),
    Template("{} would be asked over {}; only https is used with other machines"),
    Template("the server sends more than the {} bytes that are listed for {}"),
    Template("the file name {} is refused: {}"),
    Template("it leads to {}, not to a model"),
    Template("the address of the hub is {}; other machines are asked by https only"),
    Template("the address of the {} is {}; one such as {}://name:port is expected"),
)

UPDATES: Final = (
    Template("{} is listed with an address that is none"),
    Template("{} answered HTTP {}"),
    Template("{} redirects to no address"),
    Template("{} redirects to this machine, which was refused"),
    Template("{} took longer than {} s to answer"),
    Template("{} is no version; three numbers are expected"),
    Template("{} of this installation cannot be read"),
    Template("{} of this installation names no https address"),
    Template("{} is no wheel that can be unpacked"),
    Template("torch in {}: {}"),
    Template("the release feed cannot be understood: {}"),
    Template("the release feed has format {}; this version reads {}"),
    Template("the release feed is of the channel {}; {} is expected"),
    Template("the release feed is of {}, which lies in the future"),
    Template("the release feed was valid until {}; a newer one is missing"),
    Template(
        "the release feed is of {} (version {}); a later one, of {} (version {}), was seen before"
    ),
)
"""Of newer versions of the program, and of parts of it."""

CHATS: Final = (
    Template("{} is no text: it has bytes that no text has"),
    Template("{} is {}, which is no text"),
    Template("{} begins like {} and is not"),
    Template("one value is longer than {} MB"),
    Template("{} is file {}; a message takes {}"),
    Template("with {} the files have {} characters; a message takes {}"),
    Template("{} is a device or a pipe, not a file"),
    Template("nothing can be {} while a reply runs"),
    Template("the file has version {}; this Realm Desktop reads up to {}"),
    Template("the file does not say that its format is {}"),
    Template("{} cannot be read from character {} on: {}"),
    Template("the folder {} cannot be written: {}"),
    Template("the conversations in {} are open in another Realm Desktop{}"),
    Template(
        "the conversations were saved by a newer Realm Desktop: format {}, this version reads up to {}"
    ),
    Template("the backup {} has format {}; this version reads 1 to {}"),
    Template("SQLite {} is too old for the conversations; {} or later is needed"),
    Template("the settings in {} cannot be read: {}"),
    Template("the settings file {} is damaged ({}); default settings are used"),
    Template("the file {} is missing from this installation of Realm Desktop"),
    Template("{} is {}; it must be {}"),
    Template("JSON error at character {}: {}."),
    Template("JSON error at byte {}: the text is not UTF-8."),
    Template("JSON error: the key {} occurs twice in one object."),
    Template("JSON error: {} is not a JSON number."),
    Template("JSON error: the number {} is out of range."),
    Template("JSON error: nested deeper than the {} levels allowed."),
)
"""Attachments, imports, settings, and where all of it is kept."""

_NESTED: Final = (
    Template("{}: {}"),
    Template("{}: {}."),
)
"""The last to be looked for: either side may be one of the others."""

ERRORS: Final = (
    *FILES,
    *_FOUND,
    *_ALLOWED,
    *ADAPTERS,
    *ENGINE,
    *DOWNLOADS,
    *UPDATES,
    *CHATS,
    *_NESTED,
)

ADVICES: Final = (
    Phrase(
        "Download the file again and compare its size with the source; if it stays the same, use another copy of the model."
    ),
    Phrase("Check the path, or choose the file again."),
    Phrase("Change the permissions of the file, or copy it to a folder of your own."),
    Phrase("Check the disk or the network drive, then try again."),
    Phrase("Unpack the archive and choose the model file inside it."),
    Phrase("Download the model as GGUF, or convert it again with a current llama.cpp."),
    Phrase("Convert the model again with a current llama.cpp, or download a newer GGUF file."),
    Phrase("Open the download address in a browser: it may ask for a login or a licence."),
    Phrase(
        "Choose a GGUF file, or the folder with the weights and config.json, or adapter_config.json."
    ),
    Phrase("Choose an adapter without it, or merge it into the base model with PEFT."),
    Phrase("Choose another model, or another template for it."),
    Phrase("Load the adapter again."),
    Phrase("Regenerate the reply to write all of it with the file as it is now."),
    Phrase("Switch Offline off in the network settings, then try again."),
    Phrase("Check the folder of the models, then resume."),
    Phrase("Free some space, then resume. What came already is kept."),
    Phrase("It holds no model: neither GGUF nor safetensors with config.json."),
    Phrase("It holds no adapter: neither GGUF nor a folder with adapter_config.json."),
    Phrase("Its default is used instead."),
    Phrase("Default settings are used; the file is kept under another name."),
    Phrase("Free some space; nothing that was saved is lost."),
    Phrase("Allow writing to it or choose another folder with --data-dir."),
    Phrase("Close that program and try again."),
    Phrase("Put its folder back where it was, then try again."),
    Phrase("Check the disk and its free space, then try again."),
    Phrase("Resume goes on from the last checkpoint."),
    Phrase("An internal error; the log has the details."),
    Phrase("The engine is stopped after repeated crashes."),
    Phrase("The engine was shut down."),
)
"""Those that errors take from a name: literal ones are found where they are given."""

FAULTS: Final = (
    Phrase("the JSON Schema"),
    Phrase("the regular expression"),
    Phrase("the grammar"),
    Phrase("the file cannot be written"),
    Phrase("another program holds the file"),
    Phrase("the file was moved or deleted"),
    Phrase("its folder is gone"),
    Phrase("it is not UTF-8 text"),
    Phrase("a ZIP archive or an office document"),
    Phrase("the engine ended the reply without a word"),
    Phrase("a key of its object is no text"),
    Phrase("a part of it is empty or leads elsewhere"),
    Phrase("it names a device of Windows"),
    Phrase("it holds a character that no file name may have"),
    Phrase("the grammar cannot be followed"),
    Phrase("allowed are GGUF and safetensors"),
    Phrase("a folder"),
    Phrase("a device or pipe"),
    Phrase("deleted"),
    Phrase("edited"),
    Phrase("regenerated"),
    Phrase("continued"),
    Phrase("switched"),
    Phrase("made again"),
    Phrase("brought back"),
    Phrase("missing"),
    Phrase("true or false"),
    Phrase("an even number"),
    Phrase("it leads to another server than the hub"),
    Phrase("owner and name of a repository are expected"),
    Phrase("only addresses that begin with https:// are understood"),
    Phrase("the server ended the file early"),
)
"""Values in them."""

SYSTEM: Final = (
    Phrase("Expecting value."),
    Phrase("Extra data."),
    Phrase("Expecting property name enclosed in double quotes."),
    Phrase("Permission denied"),
    Phrase("No space left on device"),
    Phrase("Read-only file system"),
    Phrase("No such file or directory"),
    Phrase("Is a directory"),
    Phrase("Input/output error"),
    Phrase("Disk quota exceeded"),
    Phrase("Too many open files"),
    Phrase("Not a directory"),
    Phrase("Cannot allocate memory"),
)
"""What the C library and Python's reader of JSON say, in their words."""
