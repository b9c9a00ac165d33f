"""The gate: what a converted model lost in quality and gained in speed and size, and whether that may ship."""
