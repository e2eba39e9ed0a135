"""What `doctor` found: faults, and remarks about what works with less."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know.

    Attributes:
        area: The part of the report that it belongs to.
        what: A sentence.
        advice: What the user can do; may be empty for a remark.
    """

    area: str
    what: str
    advice: str

    @property
    def as_json(self) -> dict[str, object]:
        """Its form in the report."""
        return {"area": self.area, "what": self.what, "advice": self.advice}


@dataclass(slots=True)
class Findings:
    """Gathered while the report is made.

    Attributes:
        problems: Something does not work; the exit status says so too.
        remarks: It works, but slower, or not as a user may expect.
    """

    problems: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    def add_problem(self, area: str, what: str, advice: str) -> None:
        """Note a fault."""
        self.problems.append(Finding(area, what, advice))

    def add_remark(self, area: str, what: str, advice: str = "") -> None:
        """Note what is no fault."""
        self.remarks.append(Finding(area, what, advice))
