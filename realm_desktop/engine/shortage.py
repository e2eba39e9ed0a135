"""What a step may take while memory is short, and how that grows back.

A pass that could not get its memory is tried again smaller: fewer rows, then fewer sequences. What
is computed does not depend on either, so no text changes. Plain numbers; engine thread.
"""

from __future__ import annotations

from realm_desktop.engine.options import EngineOptions

SHORT_ROWS = 16
"""Rows are halved down to this many before sequences give way: a prompt read in such chunks still
gets on, while each sequence less is a reply that stands still."""

RECOVERY_STEPS = 32
"""After so many steps without a failure the limits are doubled, until they are gone."""


class Shortage:
    """Limits of rows and of running sequences, as failures and successes have set them.

    Args:
        options: The limits while memory is not short.

    Attributes:
        max_rows, max_running: Of the next step.
        has_shrunk: Whether the KV pool was made smaller since memory was last sufficient.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._num_good_steps = 0
        self.max_rows = options.token_budget
        self.max_running = options.max_running
        self.has_shrunk = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is limited."""
        return (
            self.max_rows >= self._options.token_budget
            and self.max_running >= self._options.max_running
        )

    def halve_rows(self, num_rows: int, least: int) -> bool:
        """Allow half of the rows that failed, at least `least`; False if they were no more."""
        self._num_good_steps = 0
        if num_rows <= least:
            return False
        self.max_rows = max(min(self.max_rows, num_rows // 2), least)
        return True

    def limit_running(self, num_running: int) -> None:
        """Allow so many running sequences, at least one."""
        self._num_good_steps = 0
        self.max_running = max(num_running, 1)

    def note_success(self) -> None:
        """A step had the memory it needed."""
        if self.is_over:
            return
        self._num_good_steps += 1
        if self._num_good_steps < RECOVERY_STEPS:
            return
        self._num_good_steps = 0
        self.max_rows = min(2 * self.max_rows, self._options.token_budget)
        self.max_running = min(2 * self.max_running, self._options.max_running)
        self.has_shrunk = self.has_shrunk and not self.is_over
