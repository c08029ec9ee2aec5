"""The outbox to the world: when to try again, and the threads that do."""
