"""The scorecard as its seeds define it, read and checked without a build."""
