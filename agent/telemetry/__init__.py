"""What the agent tells of itself: log lines, metrics, health."""
