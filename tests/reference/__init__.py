"""An independent scorer in plain Python, written from the definitions and not from the SQL."""
