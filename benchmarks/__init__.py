"""Pippin beside what people use today: the same work, in turn, in the same minute. `make bench` runs all and writes
docs/benchmarks.md."""
