"""Which way of answering is worth it: likelihoods of the user's own answers, and a rule that luck cannot pass."""
