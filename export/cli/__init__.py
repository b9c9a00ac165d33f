"""The builder's command line: parse, call, draw progress, exit code. The only reader of environment variables."""
