"""What is learned from: pairs of a request and the user's own answer, as served, and which of them."""
