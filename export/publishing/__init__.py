"""From a bundle folder to a signed archive with the same bytes every time."""
