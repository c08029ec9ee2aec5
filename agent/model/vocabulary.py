"""The closed sets of words: one spelling in code, metrics, JSON, configuration, docs and tests.

A `StrEnum` member is its own label value. `CAUSES` says which causes each issue can have; `ARTICLE` gives
the number that the vendor's article "TLS/SSL handshake issues" uses for the first six.
"""

from enum import StrEnum
from types import MappingProxyType


class Issue(StrEnum):
    """What went wrong, by the numbering of the vendor's article and beyond it."""

    NEGOTIATION = "negotiation"
    SNI = "sni"
    SERVER_CERTIFICATE_REJECTED = "server_certificate_rejected"
    CLIENT_CERTIFICATE_MISSING = "client_certificate_missing"
    CLIENT_CERTIFICATE_REJECTED = "client_certificate_rejected"
    X509_V1_CERTIFICATE = "x509_v1_certificate"
    NOT_TLS = "not_tls"
    INTERRUPTED = "interrupted"
    LOCAL_CONFIGURATION = "local_configuration"
    POLICY = "policy"
    INTEGRITY = "integrity"
    UNCLASSIFIED = "unclassified"


ARTICLE = MappingProxyType(
    {
        Issue.NEGOTIATION: 1,
        Issue.SNI: 2,
        Issue.SERVER_CERTIFICATE_REJECTED: 3,
        Issue.CLIENT_CERTIFICATE_MISSING: 4,
        Issue.CLIENT_CERTIFICATE_REJECTED: 5,
        Issue.X509_V1_CERTIFICATE: 6,
    }
)

_CERTIFICATE_CAUSES = (
    "untrusted_issuer",
    "self_signed",
    "missing_intermediate",
    "expired",
    "not_yet_valid",
    "name_mismatch",
    "not_a_ca",
    "key_usage",
    "weak_algorithm",
    "revoked",
    "revocation_unknown",
    "distrusted_ca",
    "critical_extension",
    "path_length",
    "signature_mismatch",
    "undetermined",
)

CAUSES = MappingProxyType(
    {
        Issue.NEGOTIATION: (
            "protocol_version",
            "cipher_suite",
            "compression",
            "nothing_enabled",
            "named_group",
            "signature_algorithm",
            "weak_key_exchange",
            "application_protocol",
            "hello_format",
            "undetermined",
        ),
        Issue.SNI: ("name_not_sent", "name_not_recognized", "undetermined"),
        Issue.SERVER_CERTIFICATE_REJECTED: _CERTIFICATE_CAUSES,
        Issue.CLIENT_CERTIFICATE_MISSING: (
            "no_certificate_configured",
            "issuer_not_accepted",
            "empty_authorities_list",
            "key_type_mismatch",
            "undetermined",
        ),
        Issue.CLIENT_CERTIFICATE_REJECTED: _CERTIFICATE_CAUSES,
        Issue.X509_V1_CERTIFICATE: ("issuer_is_v1", "leaf_is_v1", "undetermined"),
        Issue.NOT_TLS: ("plaintext_request", "plaintext_reply", "undetermined"),
        Issue.INTERRUPTED: ("closed_by_peer", "reset", "timeout", "probe", "undetermined"),
        Issue.LOCAL_CONFIGURATION: ("truststore_empty", "server_key_missing", "keystore_unusable"),
        Issue.POLICY: ("renegotiation_refused", "fallback_refused", "extended_master_secret_required"),
        Issue.INTEGRITY: ("bad_record", "bad_finished", "bad_signature", "malformed_message"),
        Issue.UNCLASSIFIED: ("internal_error", "undetermined"),
    }
)


class Role(StrEnum):
    """The TLS role of the JVM that wrote the log."""

    CLIENT = "client"
    SERVER = "server"
    UNKNOWN = "unknown"


class Dialect(StrEnum):
    """Which library's debug text a handshake was read from."""

    IAIK = "iaik"
    JSSE_LEGACY = "jsse_legacy"
    JSSE = "jsse"
    IBM_JSSE = "ibm_jsse"


class Outcome(StrEnum):
    """How a handshake ended. Incomplete (no end was seen) is never failed."""

    COMPLETED = "completed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


class Confidence(StrEnum):
    """How sure a diagnosis is: the text says so, it was inferred, or it is one of several."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class ActingSide(StrEnum):
    """Who must change something."""

    THIS_SIDE = "this_side"
    PEER = "peer"
    EITHER = "either"
    ISSUING_CA = "issuing_ca"
    NETWORK = "network"
    NOBODY = "nobody"


class Depth(StrEnum):
    """How much the debug output shows: nothing, alerts and exceptions only, or the messages too."""

    NONE = "none"
    SHALLOW = "shallow"
    FULL = "full"


class Leak(StrEnum):
    """What debug output prints that must not get out: application data, or the keys that protect it."""

    PLAINTEXT = "plaintext"
    KEYS = "keys"


class Problem(StrEnum):
    """What keeps a file from being read: it is not there, may not be read, or its disk does not answer."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    HUNG = "hung"


class WatchMode(StrEnum):
    """How changes of a directory are noticed: the kernel tells, or only by looking."""

    INOTIFY = "inotify"
    POLLING = "polling"


class JvmEvent(StrEnum):
    """What the wrapper or the JVM reports of its own life."""

    RESTART = "restart"
    HUNG = "hung"
    OUT_OF_MEMORY = "out_of_memory"
    THREAD_DUMP = "thread_dump"


class IncidentEvent(StrEnum):
    """What a message tells of an incident; `operational` is of the agent itself, begun or over."""

    OPENED = "opened"
    UPDATED = "updated"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    OPERATIONAL = "operational"


class Severity(StrEnum):
    """How soon somebody has to look, the least first; the words of PagerDuty's Events API v2."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class Resolution(StrEnum):
    """Why an incident is over.

    A later success with the same other side, a quiet period, a trouble of the agent that is no more, or none
    of these: there is no more room to follow it.
    """

    SUCCESS = "success"
    QUIET = "quiet"
    MENDED = "mended"
    FORGOTTEN = "forgotten"


class Trouble(StrEnum):
    """What keeps the agent itself from its work, or needs a person's eye."""

    LOG_UNREADABLE = "log_unreadable"
    LOG_GAP = "log_gap"
    DEBUG_OFF = "debug_off"
    DEBUG_SHALLOW = "debug_shallow"
    DEBUG_LEAKING = "debug_leaking"
    STATE_FULL = "state_full"
    RECEIVER_FAILING = "receiver_failing"
