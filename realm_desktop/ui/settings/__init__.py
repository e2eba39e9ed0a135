"""Controls made from the settings schema; every place that edits settings uses them."""
