"""The work itself, one script for each library: `python -m benchmarks.work.train_jax mlp32` prints what it measured as
JSON on its last line."""
