"""Learning from a population: what all users of a model get."""
