"""The numbers of the validation protocol (docs/validation.md lists them with their meaning).

They are rules of evidence, not business choices: a company that could tune them could tune its verdict.
"""

from __future__ import annotations

# Intervals: accounts are resampled at least so often, and so much of the resamples lies between the ends.
BOOTSTRAPS = 500
CONFIDENCE = 0.95

# Refusal floors, in churned accounts.
MEASURES_FROM = 30  # below: counts only
CALIBRATION_FROM = 100  # to fit the two numbers that turn a score into a probability
FREE_WEIGHTS_FROM = 200  # to fit anything with weights of its own, such as the boosting ceiling
JUDGING_PERIOD_FROM = 50  # in the period that what was fitted is judged on
SEGMENT_FROM = 10  # below: no measure for the segment
SEGMENT_POOLED_BELOW = 50  # below: nothing is fitted for the segment alone

# The two bands of the verdict hold at least so many accounts each; an interval of fewer means nothing.
BAND_ACCOUNTS_FROM = 10

# Share of churns dated on the last paid day: above, the report asks whether leaving was decided before.
LAST_PAID_DAY_SHARE = 0.5

TOP_SHARE = 0.10  # lift and capture: the share of accounts that are looked at on each date
SUSPECT_AUC = 0.85  # above: look for a leak before believing it
FLAP_DAYS = 28  # a change of band that is undone within so many days was a flap

CALIBRATION_BINS = 10

# Concordance compares every pair of accounts; of more accounts than this a random sample is taken.
CONCORDANCE_ACCOUNTS = 10_000
SEED = 1  # of all random choices, unless a command is told otherwise
