"""Events in, handshakes out."""
