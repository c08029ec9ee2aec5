"""Diagnoses failed TLS handshakes of webMethods Integration Server from its wrapper.log."""

__version__ = "0.1.0"
