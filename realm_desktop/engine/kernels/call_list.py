"""Calls that the library makes one after the other, and what a draft needs besides."""

from __future__ import annotations

import ctypes
from typing import TypeAlias


class Rows(ctypes.Structure):
    """`RealmRows` of cpu/library.h."""

    _fields_ = (
        ("block_ids", ctypes.c_void_p),
        ("num_block_ids", ctypes.c_int64),
        ("first_row", ctypes.c_int64),
        ("num_rows", ctypes.c_int64),
        ("first_position", ctypes.c_int64),
    )


RowsPointer: TypeAlias = "ctypes._Pointer[Rows]"


class Call(ctypes.Structure):
    """`RealmCall` of cpu/library.h."""

    _fields_ = (
        ("arguments", ctypes.c_void_p),
        ("function", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )


class StepCall(ctypes.Structure):
    """`RealmStep` of cpu/library.h."""

    _fields_ = (
        ("calls", ctypes.POINTER(Call)),
        ("embedding", ctypes.c_void_p),
        ("ids", ctypes.c_void_p),
        ("sequences", ctypes.POINTER(Rows)),
        ("window_sequences", ctypes.POINTER(Rows)),
        ("hidden", ctypes.c_void_p),
        ("positions", ctypes.c_void_p),
        ("slots", ctypes.c_void_p),
        ("window_slots", ctypes.c_void_p),
        ("logits", ctypes.c_void_p),
        ("wide_logits", ctypes.c_void_p),
        ("num_calls", ctypes.c_int64),
        ("num_rows", ctypes.c_int64),
        ("num_sequences", ctypes.c_int64),
        ("vocabulary", ctypes.c_int64),
        ("width", ctypes.c_int64),
        ("embedding_format", ctypes.c_int32),
        ("type", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )


class DraftCall(ctypes.Structure):
    """`RealmDraft` of cpu/library.h."""

    _fields_ = (
        ("step", ctypes.POINTER(StepCall)),
        ("id", ctypes.c_void_p),
        ("rows", ctypes.POINTER(Rows)),
        ("given", ctypes.c_void_p),
        ("tokens", ctypes.c_void_p),
        ("num_choices", ctypes.c_int64),
        ("first_position", ctypes.c_int64),
        ("seed", ctypes.c_uint64),
        ("temperature", ctypes.c_double),
        ("floor", ctypes.c_double),
        ("num_given", ctypes.c_int32),
        ("num_tokens", ctypes.c_int32),
        ("num_done", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )
