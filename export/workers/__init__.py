"""Work on several processes or machines by Ray, and what may leave a worker when it fails."""
