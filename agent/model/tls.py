"""Names of the TLS registries, as every dialect spells them and as this project does.

Alerts: RFC 8446 section 6, RFC 5246 section 7.2 and the IANA "TLS Alerts" registry. Versions: JSSE's
protocol names ("SSLv3" ... "TLSv1.3"). Handshake messages: RFC 8446 section 4, RFC 5246 section 7.4.
"""

import re
from enum import StrEnum
from types import MappingProxyType

ALERTS = MappingProxyType(
    {
        0: "close_notify",
        10: "unexpected_message",
        20: "bad_record_mac",
        21: "decryption_failed",
        22: "record_overflow",
        30: "decompression_failure",
        40: "handshake_failure",
        41: "no_certificate",
        42: "bad_certificate",
        43: "unsupported_certificate",
        44: "certificate_revoked",
        45: "certificate_expired",
        46: "certificate_unknown",
        47: "illegal_parameter",
        48: "unknown_ca",
        49: "access_denied",
        50: "decode_error",
        51: "decrypt_error",
        52: "too_many_cids_requested",
        60: "export_restriction",
        70: "protocol_version",
        71: "insufficient_security",
        80: "internal_error",
        86: "inappropriate_fallback",
        90: "user_canceled",
        100: "no_renegotiation",
        109: "missing_extension",
        110: "unsupported_extension",
        111: "certificate_unobtainable",
        112: "unrecognized_name",
        113: "bad_certificate_status_response",
        114: "bad_certificate_hash_value",
        115: "unknown_psk_identity",
        116: "certificate_required",
        120: "no_application_protocol",
        121: "ech_required",
    }
)
_ALERT_NAMES = frozenset(ALERTS.values())

CERTIFICATE_ALERTS = frozenset(
    {
        "bad_certificate",
        "unsupported_certificate",
        "certificate_revoked",
        "certificate_expired",
        "certificate_unknown",
        "unknown_ca",
        "access_denied",
        "certificate_required",
        "no_certificate",
    }
)
"""Alerts by which an end says that it does not like, or misses, the other's certificate."""

BENIGN_ALERTS = frozenset({"close_notify", "user_canceled"})
"""Alerts that belong to a normal close."""


def alert_name(text: str) -> str | None:
    """Return the registry's name for any dialect's spelling of an alert, or None.

    Takes "handshake failure", "HANDSHAKE_FAILURE", "unexpected Message" and "no_certificate_RESERVED".
    """
    name = re.sub(r"[\s_]+", "_", text.strip().lower()).removesuffix("_reserved")
    return name if name in _ALERT_NAMES else None


VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""Protocol versions, oldest first, in JSSE's spelling."""

_VERSION_SPELLINGS = MappingProxyType(
    {
        "SSL20": "SSLv2",
        "SSLV2": "SSLv2",
        "SSLV2HELLO": "SSLv2",
        "2.0": "SSLv2",
        "SSL30": "SSLv3",
        "SSLV3": "SSLv3",
        "3.0": "SSLv3",
        "TLS10": "TLSv1",
        "TLSV1": "TLSv1",
        "TLSV1.0": "TLSv1",
        "3.1": "TLSv1",
        "TLS11": "TLSv1.1",
        "TLSV1.1": "TLSv1.1",
        "3.2": "TLSv1.1",
        "TLS12": "TLSv1.2",
        "TLSV1.2": "TLSv1.2",
        "3.3": "TLSv1.2",
        "TLS13": "TLSv1.3",
        "TLSV1.3": "TLSv1.3",
        "3.4": "TLSv1.3",
    }
)


def version_name(text: str) -> str | None:
    """Return JSSE's name for any spelling of a protocol version ("TLS13", "3.1", "TLSv1.2"), or None."""
    return _VERSION_SPELLINGS.get(text.strip().upper())


def suite_name(text: str) -> str:
    """Return the IANA name of a cipher suite.

    IBM's JSSE writes SSL_ where others write TLS_; the renegotiation signal and the SSL 3.0 null suite are
    spelled SSL_ nowhere else, so the first four letters may simply be replaced.
    """
    name = text.strip()
    return "TLS_" + name[4:] if name.startswith("SSL_") else name


class Message(StrEnum):
    """A handshake message (RFC 8446 section 4, RFC 5246 section 7.4), or the change of cipher."""

    HELLO_REQUEST = "hello_request"
    CLIENT_HELLO = "client_hello"
    SERVER_HELLO = "server_hello"
    HELLO_RETRY_REQUEST = "hello_retry_request"
    ENCRYPTED_EXTENSIONS = "encrypted_extensions"
    CERTIFICATE = "certificate"
    CERTIFICATE_STATUS = "certificate_status"
    SERVER_KEY_EXCHANGE = "server_key_exchange"
    CERTIFICATE_REQUEST = "certificate_request"
    SERVER_HELLO_DONE = "server_hello_done"
    CLIENT_KEY_EXCHANGE = "client_key_exchange"
    CERTIFICATE_VERIFY = "certificate_verify"
    CHANGE_CIPHER_SPEC = "change_cipher_spec"
    FINISHED = "finished"
    NEW_SESSION_TICKET = "new_session_ticket"
    KEY_UPDATE = "key_update"
