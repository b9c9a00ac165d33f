"""Injected faults: kill, tear, cut the power, fill the disk, change bytes; an oracle of its own judges what is left."""
