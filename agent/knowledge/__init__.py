"""Handshake to diagnosis: what follows from the log's facts, and a catalogue of what that means."""
