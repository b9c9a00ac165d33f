"""What each part costs on this machine: ``python -m benchmarks`` runs all and writes ``benchmarks/results/``."""
