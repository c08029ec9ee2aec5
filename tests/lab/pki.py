"""Throw-away certificates, made afresh by the openssl command: sound ones, and one for each fault.

Of every name there are `NAME.pem` (the chain as its owner sends it, the owner's certificate first),
`NAME.key` (PKCS#8, DER) and `NAME.key.pem`; of authorities that revoke something also `NAME.crl`. Keys are
shared among names, since making them is what takes time, and nothing here depends on a key being of one
owner.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

HOST = "is.acme.example"
"""The name that sound server certificates are for, beside localhost."""

_CA = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
_LEAF = (
    "basicConstraints=CA:FALSE",
    "keyUsage=critical,digitalSignature,keyEncipherment",
    "subjectKeyIdentifier=hash",
)
_SERVER = (
    *_LEAF,
    "extendedKeyUsage=serverAuth",
    f"subjectAltName=DNS:{HOST},DNS:localhost,DNS:other.acme.example",
)
_CLIENT = (*_LEAF, "extendedKeyUsage=clientAuth")

_PAST = ("20200101000000Z", "20210101000000Z")
_FUTURE = ("20890101000000Z", "20900101000000Z")
_NOW = ("20200101000000Z", "20890101000000Z")


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate: who issues it (itself if None), what it says, and what its owner sends along."""

    name: str
    subject: str
    issuer: str | None
    extensions: tuple[str, ...]
    key: str = "rsa"
    dates: tuple[str, str] = _NOW
    digest: str = "sha256"
    sends: tuple[str, ...] = ()
    """The names whose certificates follow in the chain."""


def _leaf(  # noqa: PLR0913  (a table is made with it, and names what is out of the ordinary)
    name: str,
    extensions: tuple[str, ...] = _SERVER,
    issuer: str = "issuing",
    *,
    sends: tuple[str, ...] | None = None,
    subject: str = f"/C=DE/O=Acme Corp/OU=Integration/CN={HOST}",
    key: str = "rsa",
    dates: tuple[str, str] = _NOW,
    digest: str = "sha256",
) -> Certificate:
    return Certificate(
        name, subject, issuer, extensions, key, dates, digest, (issuer,) if sends is None else sends
    )


_PARTNER = "/C=DE/O=Partner AG/OU=EDI + AS2/CN=partner.example"

CERTIFICATES = (
    # authorities: the root is what sound trust stores hold
    Certificate("root", "/C=DE/O=Acme Corp/CN=Acme Root CA G1", None, _CA),
    Certificate("issuing", "/C=DE/O=Acme Corp/CN=Acme Issuing CA 2", "root", _CA, "rsa2"),
    Certificate("foreign", "/C=US/O=Other Inc/CN=Other Root CA", None, _CA, "rsa2"),
    Certificate("foreign-issuing", "/C=US/O=Other Inc/CN=Other Issuing CA", "foreign", _CA),
    Certificate("v1", "/C=DE/O=Acme Corp/CN=Acme Old CA", "root", (), "rsa2"),
    Certificate("no-ca", "/C=DE/O=Acme Corp/CN=Acme Branch", "root", ("basicConstraints=CA:FALSE",), "rsa2"),
    Certificate("no-sign", "/C=DE/O=Acme Corp/CN=Acme Signer", "root", _LEAF, "rsa2"),
    Certificate("old", "/C=DE/O=Acme Corp/CN=Acme Issuing CA 1", "root", _CA, "rsa2", _PAST),
    Certificate(
        "short",
        "/C=DE/O=Acme Corp/CN=Acme Last CA",
        "root",
        ("basicConstraints=critical,CA:TRUE,pathlen:0", _CA[1]),
        "rsa2",
    ),
    Certificate("below", "/C=DE/O=Acme Corp/CN=Acme Team CA", "short", _CA, "rsa2"),
    Certificate("v1-root", "/C=DE/O=Acme Corp/CN=Acme Root of 1999", None, ()),
    # an impostor: the name of the issuing authority, another key
    Certificate("impostor", "/C=DE/O=Acme Corp/CN=Acme Issuing CA 2", "root", _CA, "rsa"),
    # servers
    _leaf("server"),
    _leaf("server-ec", key="ec"),
    _leaf("server-expired", dates=_PAST),
    _leaf("server-future", dates=_FUTURE),
    _leaf(
        "server-elsewhere", (*_LEAF, "extendedKeyUsage=serverAuth", "subjectAltName=DNS:elsewhere.example")
    ),
    _leaf("server-no-names", (*_LEAF, "extendedKeyUsage=serverAuth"), subject="/C=DE/CN=elsewhere.example"),
    _leaf("server-eku", (*_LEAF, "extendedKeyUsage=clientAuth", _SERVER[-1])),
    _leaf("server-ku", (_LEAF[0], "keyUsage=critical,cRLSign", *_LEAF[2:], *_SERVER[-2:])),
    _leaf("server-md5", digest="md5"),
    _leaf("server-weak", key="rsa512"),
    _leaf("server-critical", (*_SERVER, "1.3.6.1.4.1.99999.1=critical,ASN1:UTF8String:acme")),
    _leaf("server-v1-issuer", issuer="v1"),
    _leaf("server-no-ca", issuer="no-ca"),
    _leaf("server-no-sign", issuer="no-sign"),
    _leaf("server-old-issuer", issuer="old"),
    _leaf("server-path", issuer="below", sends=("below", "short")),
    _leaf("server-alone", sends=()),
    _leaf("server-foreign", issuer="foreign-issuing"),
    _leaf("server-foreign-root", issuer="foreign-issuing", sends=("foreign-issuing", "foreign")),
    _leaf("server-v1", ()),
    _leaf("server-of-v1-root", issuer="v1-root", sends=()),
    _leaf("server-forged", issuer="impostor", sends=("issuing",)),
    _leaf("server-revoked"),
    Certificate("server-self", f"/C=DE/O=Acme Corp/CN={HOST}", None, _SERVER),
    # clients
    _leaf("client", _CLIENT, subject=_PARTNER),
    _leaf("client-ec", _CLIENT, subject=_PARTNER, key="ec"),
    _leaf("client-expired", _CLIENT, subject=_PARTNER, dates=_PAST),
    _leaf("client-future", _CLIENT, subject=_PARTNER, dates=_FUTURE),
    _leaf("client-eku", (*_LEAF, "extendedKeyUsage=serverAuth"), subject=_PARTNER),
    _leaf("client-md5", _CLIENT, subject=_PARTNER, digest="md5"),
    _leaf("client-v1-issuer", _CLIENT, issuer="v1", subject=_PARTNER),
    _leaf("client-foreign", _CLIENT, issuer="foreign-issuing", subject=_PARTNER),
    _leaf("client-alone", _CLIENT, sends=(), subject=_PARTNER),
    _leaf("client-revoked", _CLIENT, subject=_PARTNER),
    Certificate("client-self", _PARTNER, None, _CLIENT),
)

KEYS = {
    "rsa": ("RSA", "rsa_keygen_bits:2048"),
    "rsa2": ("RSA", "rsa_keygen_bits:2048"),
    "rsa512": ("RSA", "rsa_keygen_bits:512"),
    "ec": ("EC", "ec_paramgen_curve:P-256"),
}

SECURITY = {
    "lax": "SSLv3, NULL",
    "strict": "SSLv3, TLSv1, TLSv1.1, RC4, DES, MD5withRSA, DH keySize < 2048, 3DES_EDE_CBC, anon, NULL",
}
"""What JSSE does not use: overrides of java.security, as `NAME.security`."""

REVOKED = ("server-revoked", "client-revoked")
"""On the list of the authority `issuing`."""

_CONFIG = """
[ca]
default_ca = lab
[lab]
database = {database}
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
policy = anything
default_md = sha256
default_crl_days = 3650
email_in_dn = no
copy_extensions = none
x509_extensions = extensions
[anything]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[req]
distinguished_name = nothing
[nothing]
[extensions]
{extensions}
"""


def openssl(*arguments: str, folder: Path) -> None:
    """Run the openssl command in a folder; a failure shows what it said."""
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"openssl {' '.join(arguments)} failed: {done.stderr.strip()}")


def make(folder: Path) -> None:
    """Make all certificates in a folder that holds nothing yet."""
    folder.mkdir(parents=True)
    for name, (algorithm, size) in KEYS.items():
        openssl(
            "genpkey", "-algorithm", algorithm, "-pkeyopt", size, "-out", f"{name}.keyfile", folder=folder
        )
        openssl(
            *(
                "pkcs8",
                "-topk8",
                "-nocrypt",
                "-in",
                f"{name}.keyfile",
                "-outform",
                "DER",
                "-out",
                f"{name}.der",
            ),
            folder=folder,
        )
    known = {certificate.name: certificate for certificate in CERTIFICATES}
    for certificate in CERTIFICATES:
        _issue(certificate, known, folder)
    openssl(
        *("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:modp_1536", "-out", "dh1536.pem"),
        folder=folder,
    )
    _revoke(known["issuing"], REVOKED, folder)
    _revoke(known["root"], (), folder)
    for name, disabled in SECURITY.items():
        (folder / f"{name}.security").write_text(f"jdk.tls.disabledAlgorithms={disabled}\n", "ascii")


def _issue(certificate: Certificate, known: dict[str, Certificate], folder: Path) -> None:
    """Make one certificate with its chain and key."""
    name = certificate.name
    # without a section of extensions openssl makes a certificate of version 1
    text = _CONFIG if certificate.extensions else _CONFIG.replace("x509_extensions = extensions\n", "")
    config = folder / f"{name}.cnf"
    config.write_text(
        text.format(
            database=folder / "index.txt", folder=folder, extensions="\n".join(certificate.extensions)
        ),
        "utf-8",
    )
    (folder / "index.txt").write_text("", "utf-8")
    key = f"{certificate.key}.keyfile"
    request = [
        "req",
        "-new",
        "-config",
        config.name,
        "-key",
        key,
        "-subj",
        certificate.subject,
        "-out",
        f"{name}.csr",
    ]
    openssl(*request, "-batch", "-utf8", folder=folder)
    issuer = known[certificate.issuer] if certificate.issuer else None
    signer = (
        ["-cert", f"{issuer.name}.crt", "-keyfile", f"{issuer.key}.keyfile"]
        if issuer
        else ["-selfsign", "-keyfile", key]
    )
    begin, end = certificate.dates
    openssl(
        *(
            "ca",
            "-batch",
            "-notext",
            "-config",
            config.name,
            "-in",
            f"{name}.csr",
            "-out",
            f"{name}.crt",
            *signer,
        ),
        *("-md", certificate.digest, "-startdate", begin, "-enddate", end),
        folder=folder,
    )
    chain = [f"{link}.crt" for link in (name, *certificate.sends)]
    (folder / f"{name}.pem").write_bytes(b"".join((folder / link).read_bytes() for link in chain))
    for suffix, source in ((".key", f"{certificate.key}.der"), (".key.pem", key)):
        (folder / f"{name}{suffix}").write_bytes((folder / source).read_bytes())


def _revoke(authority: Certificate, revoked: tuple[str, ...], folder: Path) -> None:
    """Make the list of what an authority has revoked."""
    (folder / "index.txt").write_text("", "utf-8")
    signer = ["-cert", f"{authority.name}.crt", "-keyfile", f"{authority.key}.keyfile"]
    config = ["-config", f"{authority.name}.cnf"]
    for name in revoked:
        openssl("ca", "-batch", *config, *signer, "-revoke", f"{name}.crt", folder=folder)
    openssl("ca", "-batch", *config, *signer, "-gencrl", "-out", f"{authority.name}.crl", folder=folder)
