"""Where the rows of a long list stand: heights, and their sums, kept without any widget."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class ScrollMap:
    """Tops of rows of different heights with a gap between them; all in px.

    Invariant: `_tops` is right up to and including `_num_right`; the rest is summed when asked for.
    """

    def __init__(self, margin: float, gap: float) -> None:
        self._margin = margin
        self._gap = gap
        self._heights: list[float] = []
        self._tops: list[float] = [margin]
        self._num_right = 0

    def __len__(self) -> int:
        return len(self._heights)

    @property
    def total(self) -> float:
        """Height of everything, margins included."""
        if not self._heights:
            return 2 * self._margin
        return self.top(len(self._heights)) - self._gap + self._margin

    def reset(self, heights: Iterable[float]) -> None:
        """Take new rows."""
        self._heights = list(heights)
        self._num_right = 0

    def append(self, height: float) -> None:
        """Add a row at the end."""
        self._heights.append(height)

    def set_height(self, row: int, height: float) -> bool:
        """Change a row; returns whether it differs."""
        if self._heights[row] == height:
            return False
        self._heights[row] = height
        self._num_right = min(self._num_right, row)
        return True

    def top(self, row: int) -> float:
        """Upper edge of a row; of the end for the number of rows."""
        if row > self._num_right:
            self._sum()
        return self._tops[row]

    def height(self, row: int) -> float:
        """Height of a row."""
        return self._heights[row]

    def row_at(self, y: float) -> int:
        """The row at or above a height; 0 above the first, -1 without rows."""
        if not self._heights:
            return -1
        self._sum()
        return min(max(bisect_right(self._tops, y) - 1, 0), len(self._heights) - 1)

    def _sum(self) -> None:
        if self._num_right == len(self._heights):
            return
        start = self._tops[self._num_right]
        del self._tops[self._num_right :]
        steps = (height + self._gap for height in self._heights[self._num_right :])
        self._tops.extend(accumulate(steps, initial=start))
        self._num_right = len(self._heights)
