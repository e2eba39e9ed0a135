"""A training while it runs, and what can be done with it. GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from realm_desktop.trainer import TrainingState, TrainingView
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.one_line import one_line, unbroken
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.training_texts import status_text
from realm_desktop.ui.widgets.loss_curve import CurvePoint, LossCurve

_WIDTH_PX = 540
_PARTS = 1000


class TrainingDialog(FormDialog):
    """Curve, figures and buttons; closing it leaves the training alone.

    Attributes:
        pause_requested, finish_requested, cancel_requested, resume_requested: Its buttons.
        attach_requested: Let the workspace use the new adapter.
    """

    pause_requested = Signal()
    finish_requested = Signal()
    cancel_requested = Signal()
    resume_requested = Signal()
    attach_requested = Signal()

    def __init__(self, theme: Theme, workspace_name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Training"))
        self.heading = self.add_text("", "card-title")
        self.curve = LossCurve(theme, self)
        self.add_widget(self.curve)
        legend = self.tr("Line: loss of the examples. Dots: loss of those held out.")
        self.add_text(legend, "stats", tone="muted")
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _PARTS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the training"))
        self.add_widget(self.bar)
        self.status = self.add_text("")
        self.advice = self.add_text("", tone="muted")
        self.cancel_button = self._button(self.tr("Cancel training"), self.cancel_requested)
        self.finish_button = self._button(self.tr("Finish now"), self.finish_requested)
        self.pause_button = self._button(self.tr("Pause"), self.pause_requested)
        self.resume_button = self._button(self.tr("Resume"), self.resume_requested)
        attach = self.tr("Attach to {}").format(one_line(workspace_name)).replace("&", "&&")
        self.attach_button = self._button(attach, self.attach_requested, "primary")
        self.close_button = self.add_button(self.tr("Close"))
        self.close_button.clicked.connect(self.close)
        self.finish()
        self.setMinimumWidth(theme.px(_WIDTH_PX))
        # Not on the button that ends the training.
        self.close_button.setFocus()

    def show_view(self, view: TrainingView) -> None:
        """Show the training as it is now."""
        state = TrainingState
        self.heading.setText(one_line(Path(view.output_path).name))
        points = [CurvePoint(p.step, p.loss, p.held_out_loss) for p in view.curve]
        self.curve.show_points(points, view.num_steps)
        self.bar.setValue(round(_PARTS * _share(view)))
        self.status.setText(status_text(view))
        advice = unbroken(spoken(view.error.advice)) if view.error is not None else ""
        if view.state is state.RUNNING:
            advice = self.tr("Chats go first: the training takes what they leave.")
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        can_go_on = view.is_resumable and view.state in (state.PAUSED, state.FAILED)
        for button, is_shown in (
            (self.cancel_button, view.state.is_busy or can_go_on),
            (self.finish_button, view.state is state.RUNNING),
            (self.pause_button, view.state is state.RUNNING),
            (self.resume_button, can_go_on),
            (self.attach_button, view.state is state.DONE),
        ):
            button.setVisible(is_shown)
            button.setEnabled(view.state is not state.STOPPING)

    def _button(self, text: str, signal: object, kind: str = "") -> QPushButton:
        button = self.add_button(text, kind)
        button.setAutoDefault(False)
        button.clicked.connect(signal)
        return button


def _share(view: TrainingView) -> float:
    """How far it is, 0 to 1; the preparation counts by itself."""
    if view.state is TrainingState.PREPARING:
        return view.fraction
    return view.step / view.num_steps if view.num_steps else 0.0
