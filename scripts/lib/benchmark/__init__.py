"""What the benchmark builds from."""
