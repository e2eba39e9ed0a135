"""The window: widgets that draw and emit, item models, dialogs. GUI thread only."""
