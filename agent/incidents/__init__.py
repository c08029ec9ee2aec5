"""Diagnoses to incidents: which failures are alike, how many there were, and when it is over. Pure."""
