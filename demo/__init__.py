"""The agent at work on a log that is being written."""
