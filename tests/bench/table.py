"""One figure beside its reference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure, what it is compared with, and the ratio to reach (None: only told)."""

    name: str
    figure: float
    reference: float
    unit: str
    against: str
    wanted: float | None
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """How many times the reference."""
        return self.figure / self.reference

    @property
    def reached(self) -> bool:
        """Whether the ratio is as good as wanted."""
        if self.wanted is None:
            return True
        return self.ratio >= self.wanted if self.more_is_better else self.ratio <= self.wanted


def show(rows: list[Row]) -> str:
    """The table."""
    lines = [f"{'what':44} {'figure':>12} {'reference':>12} {'ratio':>7} {'wanted':>8}  against"]
    for row in rows:
        sign = ">=" if row.more_is_better else "<="
        wanted = f"{sign} {row.wanted:g}" if row.wanted is not None else ""
        verdict = "" if row.reached else "  MISSED"
        figures = f"{_say(row.figure, row.unit):>12} {_say(row.reference, row.unit):>12}"
        lines.append(f"{row.name:44} {figures} {row.ratio:7.2f} {wanted:>8}  {row.against}{verdict}")
    return "\n".join(lines)


def _say(value: float, unit: str) -> str:
    return f"{value * 1000:.3f} ms" if unit == "s" else f"{value:,.0f} {unit}"
