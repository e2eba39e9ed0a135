"""Small widgets and paint functions that know only the theme."""
