"""The border that every stored text crosses once; it then survives SQLite unchanged.

SQLite cannot bind a lone surrogate, and its `length()` stops at a NUL.
"""

from __future__ import annotations


def clean_text(text: str) -> str:
    """`text` with lone surrogates as U+FFFD, surrogate pairs joined, and NUL as U+2400."""
    if not text.isascii():
        # UTF-16 joins a pair written as two code points and replaces what stands alone.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "\u2400") if "\0" in text else text
