"""A handshake as IAIK prints it, which fails."""

from agent.model.series import Series

FAILURES: Series = (
    "wmtls_handshake_failures_total",
    ("is", "server_certificate_rejected", "client", "iaik"),
)
"""The counter that each such handshake moves by one."""


def refused(connection: int) -> bytes:
    """Return a handshake in which a client refuses its server's certificate, on a connection of its own."""
    said = (
        "Received certificate handshake message with server certificate.",
        "Server sent a 2048 bit RSA certificate, chain has 2 elements.",
        "Sending alert: Alert Fatal: bad certificate",
        "Shutting down SSL layer...",
        "SSLException while handshaking: Server certificate rejected by ChainVerifier",
        "Closing transport...",
    )
    return "".join(f"jvm 1    | ssl_debug({connection}): {text}\n" for text in said).encode()
