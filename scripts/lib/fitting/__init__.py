"""Fitting what a person may commit: churn models and scorecard weights. Proposes, never applies."""
