"""Which layers get matrices and how large: the space, the search through it, and where it begins."""
