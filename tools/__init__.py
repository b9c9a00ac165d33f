"""What developers run around the packages; nothing of it is installed."""
