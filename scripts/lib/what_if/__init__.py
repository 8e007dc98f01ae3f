"""A shadow version of a scorecard held against the live one, on history.

`versions` finds the two, `reading` fetches what the warehouse knows of them, `figures` and `churn` work
it out, `report` shows it, and `gate` decides about a release.
"""
