"""The one command: every part once, in the order in which one needs the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.starter import evaluate, family
from resources.starter.corpus.facts import facts_by_key
from resources.starter.evaluation_questions import FACT_QUESTIONS
from resources.starter.train import SETUPS

CARD = f"Before\n{evaluate.TABLE_START}\nold\n{evaluate.TABLE_END}\nAfter\n"


class _Evaluation:
    def __init__(self, folder: Path, samples: int) -> None:
        self.samples = samples

    def rows(self) -> list[tuple[str, str]]:
        return [("samples", str(self.samples))]


def test_parts_are_made_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    minutes: list[float] = []
    (tmp_path / "MODEL_CARD.md").write_text(CARD)

    def train(role: str, folder: Path, budget: float, *, device: str) -> None:
        done.append(role)
        minutes.append(budget)

    monkeypatch.setattr(family, "train", train)
    monkeypatch.setattr(family, "export_family", lambda work, out: done.append("files"))
    monkeypatch.setattr(family, "train_adapter", lambda voice, base, work: done.append(voice))
    monkeypatch.setattr(family, "ship_adapters", lambda work, out: done.append("adapters"))
    monkeypatch.setattr(family, "Evaluation", _Evaluation)
    monkeypatch.setattr("sys.argv", ["family", "--minutes", "50", "--out", str(tmp_path)])
    family.main()

    assert done == ["target", "draft", "files", "pirate", "telegram", "adapters"]
    assert minutes[0] > 3 * minutes[1]
    assert sum(minutes) < 50
    assert "| samples | 100 |" in (tmp_path / "MODEL_CARD.md").read_text()


def test_table_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(CARD)

    evaluate.update_card(card, [("one", "1")])

    text = card.read_text()
    assert text.startswith("Before\n")
    assert text.endswith("\nAfter\n")
    assert "| one | 1 |" in text
    assert "old" not in text


@pytest.mark.parametrize(
    ("text", "is_right"), [("Press ctrl+n now.", True), ("Press Ctrl+N.", False), ("now", False)]
)
def test_fact_is_right_with_every_phrase(text: str, is_right: bool) -> None:
    assert evaluate._holds(text, ("Ctrl+N", "now|later")) == is_right


def test_wordings_by_hand_ask_for_what_their_fact_must_contain() -> None:
    exchanges = evaluate._by_hand()

    assert len(exchanges) == len(FACT_QUESTIONS)
    assert all(exchange.must == facts_by_key()[exchange.key].must for exchange in exchanges)


@pytest.mark.parametrize(
    ("agreed", "counts"),
    [
        ([True] * 5, (4, 4)),
        ([True, False, True, True], (6, 3)),
        ([False, False], (3, 0)),
        ([], (0, 0)),
    ],
)
def test_acceptance_counts_guesses_behind_a_wrong_one(
    agreed: list[bool], counts: tuple[int, int]
) -> None:
    assert evaluate.acceptance(agreed, 4) == counts


def test_graphics_card_trains_more_of_everything() -> None:
    cpu, cuda = SETUPS["cpu"], SETUPS["cuda"]

    assert cuda.amount.num_short > cpu.amount.num_short
    assert cuda.tokens_per_step > cpu.tokens_per_step
    assert cuda.shapes["target"].hidden_size > cpu.shapes["target"].hidden_size
