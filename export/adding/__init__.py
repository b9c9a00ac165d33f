"""Models of the user's own choice: looked at before they are believed, pinned at first use, tried, and then listed."""
