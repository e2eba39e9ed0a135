"""Arguments of the calls between the products of a layer, as cpu/library.h declares them."""

from __future__ import annotations

import ctypes


class NormCall(ctypes.Structure):
    """`RealmNorm` of cpu/library.h."""

    _fields_ = (
        ("hidden", ctypes.c_void_p),
        ("term", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("weight", ctypes.c_void_p),
        ("bias", ctypes.c_void_p),
        ("num_rows", ctypes.c_int64),
        ("width", ctypes.c_int64),
        ("eps", ctypes.c_float),
        ("multiplier", ctypes.c_float),
        ("kind", ctypes.c_int32),
        ("type", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
    )


class GateCall(ctypes.Structure):
    """`RealmGate` of cpu/library.h."""

    _fields_ = (
        ("gate_up", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("num_rows", ctypes.c_int64),
        ("width", ctypes.c_int64),
        ("alpha", ctypes.c_float),
        ("limit", ctypes.c_float),
        ("type", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
        ("activation", ctypes.c_int32),
        ("is_gated", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )


class HeadsCall(ctypes.Structure):
    """`RealmHeads` of cpu/library.h."""

    _fields_ = (
        ("qkv", ctypes.c_void_p),
        ("queries", ctypes.c_void_p),
        ("keys", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("slots", ctypes.c_void_p),
        ("positions", ctypes.c_void_p),
        ("cosines", ctypes.c_void_p),
        ("sines", ctypes.c_void_p),
        ("query_factors", ctypes.c_void_p),
        ("query_weight", ctypes.c_void_p),
        ("key_weight", ctypes.c_void_p),
        ("num_rows", ctypes.c_int64),
        ("num_padded_rows", ctypes.c_int64),
        ("num_slots", ctypes.c_int64),
        ("num_positions", ctypes.c_int64),
        ("num_heads", ctypes.c_int64),
        ("num_kv_heads", ctypes.c_int64),
        ("head_dim", ctypes.c_int64),
        ("slot_stride", ctypes.c_int64),
        ("head_stride", ctypes.c_int64),
        ("weight_stride", ctypes.c_int64),
        ("eps", ctypes.c_float),
        ("norm_kind", ctypes.c_int32),
        ("is_whole", ctypes.c_int32),
        ("type", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
    )


class RouterCall(ctypes.Structure):
    """`RealmRouter` of cpu/library.h."""

    _fields_ = (
        ("x", ctypes.c_void_p),
        ("weight", ctypes.c_void_p),
        ("bias", ctypes.c_void_p),
        ("choice_bias", ctypes.c_void_p),
        ("shared", ctypes.c_void_p),
        ("scores", ctypes.c_void_p),
        ("ids", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("num_rows", ctypes.c_int64),
        ("width", ctypes.c_int64),
        ("num_experts", ctypes.c_int32),
        ("num_chosen", ctypes.c_int32),
        ("num_groups", ctypes.c_int32),
        ("num_chosen_groups", ctypes.c_int32),
        ("scoring", ctypes.c_int32),
        ("is_normalised", ctypes.c_int32),
        ("scale", ctypes.c_float),
        ("type", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
    )


class ExpertProducts(ctypes.Structure):
    """`RealmExpert` of cpu/library.h; pointers to `Product`."""

    _fields_ = (("gate_up", ctypes.c_void_p), ("down", ctypes.c_void_p))


class ExpertsCall(ctypes.Structure):
    """`RealmExperts` of cpu/library.h."""

    _fields_ = (
        ("experts", ctypes.POINTER(ExpertProducts)),
        ("gate", ctypes.POINTER(GateCall)),
        ("x", ctypes.c_void_p),
        ("shared", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("ids", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("num_rows", ctypes.c_int64),
        ("width", ctypes.c_int64),
        ("middle", ctypes.c_int64),
        ("num_experts", ctypes.c_int32),
        ("num_chosen", ctypes.c_int32),
        ("type", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )
