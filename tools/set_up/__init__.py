"""Make an environment step by step and say what goes on; what is done is not done again. Needs Python alone."""
