"""llama.cpp from a finished package, for machines without a compiler."""
