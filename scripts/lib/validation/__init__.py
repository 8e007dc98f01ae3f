"""Holding scores against what happened later: one module per idea, each with one job.

`judge.judge` goes through them in order and returns everything that `report` shows.
"""
