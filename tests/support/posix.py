"""Marks of tests that need what only POSIX systems have."""

from __future__ import annotations

import sys

import pytest

posix_only = pytest.mark.skipif(
    sys.platform == "win32",
    reason="kills processes with POSIX signals (SIGKILL, SIGSEGV, SIGTERM), which Windows lacks",
)
"""The death of a process looks different on Windows: an exit code, never a signal."""
