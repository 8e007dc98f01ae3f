"""The demo world: a fictional company whose true health is known, and kept out of its raw tables."""
