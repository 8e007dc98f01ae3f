"""The demo world: a fictional company whose true health is known, and kept apart."""
