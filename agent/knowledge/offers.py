"""What a ClientHello offers, judged by the names of its cipher suites (IANA's TLS registry)."""

import re
from collections.abc import Collection, Iterable

from agent.model.tls import VERSIONS

OLD_VERSIONS = frozenset(VERSIONS[: VERSIONS.index("TLSv1.1") + 1])
"""What most servers no longer accept (RFC 8996)."""

_SIGNAL = re.compile(r"SCSV|GREASE|^Unknown 0x.a:0x.a$", re.IGNORECASE)
_TLS13 = re.compile(r"TLS_(?:AES|CHACHA20|SM4)_(?!.*_WITH_)|Unknown 0x13:")
_BROKEN = re.compile(r"_NULL|_anon_|EXPORT|_RC4_|_DES_|DES40|_3DES_|_MD5$|_RC2_", re.IGNORECASE)
_EPHEMERAL_AEAD = re.compile(r"_(?:EC)?DHE_.*_(?:GCM|CCM|CCM_8|CHACHA20_POLY1305)(?:_|$)")

_BROKEN_KINDS = ("NULL", "anon", "EXPORT", "RC4", "RC2", "3DES", "DES", "MD5")


def only_old(versions: Collection[str]) -> bool:
    """Tell whether versions are named, and none that is still sound."""
    return bool(versions) and OLD_VERSIONS.issuperset(versions)


def real(suites: Iterable[str]) -> list[str]:
    """Return the suites that can be chosen: signalling values are none."""
    return [suite for suite in suites if not _SIGNAL.search(suite)]


def only_tls13(suites: Iterable[str]) -> bool:
    """Tell whether nothing but suites of TLS 1.3 is offered; JSSE before 8u262 knows them as numbers only."""
    some = real(suites)
    return bool(some) and all(_TLS13.match(suite) for suite in some)


def only_broken(suites: Iterable[str]) -> bool:
    """Tell whether nothing is offered but what JDKs disable (jdk.tls.disabledAlgorithms)."""
    some = real(suites)
    return bool(some) and all(_BROKEN.search(suite) for suite in some)


def broken_kinds(suites: Iterable[str]) -> list[str]:
    """Return the words for what is broken about the suites offered."""
    some = " ".join(real(suites))
    return [kind for kind in _BROKEN_KINDS if re.search(rf"(?:_|^){kind}|{kind}\d", some)]


def none_modern(suites: Iterable[str]) -> bool:
    """Tell whether none offered has forward secrecy and authenticated encryption, as many servers demand."""
    some = real(suites)
    return bool(some) and not any(_TLS13.match(suite) or _EPHEMERAL_AEAD.search(suite) for suite in some)


def some_modern(suites: Iterable[str]) -> bool:
    """Tell whether one that names its key type has forward secrecy and authenticated encryption."""
    return any(_EPHEMERAL_AEAD.search(suite) for suite in real(suites) if not _TLS13.match(suite))


def key_types(suites: Iterable[str]) -> frozenset[str]:
    """Return the key types that a server needs for the suites; those of TLS 1.3 name none."""
    found = set()
    for suite in real(suites):
        kind = re.match(r"(?:TLS|SSL)_(?:.*?_)?(RSA|ECDSA|DSS|anon)(?:_EXPORT\w*?)?_WITH_", suite)
        if kind and not _TLS13.match(suite):
            found.add("EC" if kind[1] == "ECDSA" else kind[1])
    return frozenset(found)
