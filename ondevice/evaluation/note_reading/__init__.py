"""How well questions are answered from a person's notes, graded without a judge."""
