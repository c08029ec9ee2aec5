r"""What of a log's text may leave it: never keys, hex dumps, plaintext or credentials.

Every text that a dialect takes out of a log goes through one of these doors: `text` for a field, `name` for
a field that is compared, `evidence` for a line to be shown, `serial` for a certificate's serial number. Only
what is matched and then dropped may be had raw (`decoded`).

Redaction goes by the shape of the text, anywhere in it, because lines get torn: a hex row can stand far from
the header that would have announced it, and lose its beginning or its end. So there is a size below which a
piece has no shape: five bytes in hex, fifteen characters of base64, a password without its name. Names of
hosts, people and suites, numbers, dates and what exceptions say have none of these shapes.

Each pattern is linear in the length of the text: what it repeats is bounded, or runs to the end of the line
and so is tried once.
"""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

LIMIT = 300
"""Characters of one evidence line: enough for an exception with two distinguished names."""

FIELD_LIMIT = 1000
"""Characters of one field: the longest distinguished names that were seen have under 500."""

_WINDOW = 4
"""How many times the characters asked for are looked at: what is cut off behind may be a torn secret."""

_MARK = "[redacted]"

_IsSecret = Callable[[re.Match[str]], bool]

_HEX = "[0-9A-Fa-f]"
_NO_HEX = "(?<![0-9A-Fa-f])"

_MASTER = r"(?:pre)?master secret\b(?! extension)(?<!xtended master secret)"
_HIDDEN = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|token|(?:api|access|private|secret|shared|account)[-_ ]?key"
    r"|credentials?|j?session[-_ ]?id|ssnid|saml(?:request|response)|assertion"
)
"""Names of things that nobody may see; ssnid is the session cookie of Integration Server."""

_WORDS = (
    *("pass", "pwd", "secret", "token", "key", "credential", "session", "ssnid", "saml", "assert"),
    *("cookie", "authoriz", "write ", "sig"),
)
"""One of them must be in a text before a search for the names of secrets is worth its time."""

_NAMED = (
    # the headings of legacy JSSE's key dumps, and HTTP's headers: nothing behind them is worth keeping
    re.compile(
        rf"(?i)(?:{_MASTER}|\b(?:client |server )?(?:mac )?write (?:secret|key|iv)\b"
        r"|(?:proxy-)?authorization[\"']?\s{0,4}[:=]|(?<![a-z])(?:set-)?cookie2?[\"']?\s{0,4}[:=]).*"
    ),
    # <password>...</password>
    re.compile(rf"(?i)(<[^<>]{{0,60}}(?:{_HIDDEN})[^<>]{{0,200}}>)[^<]+"),
    # ?password=...&
    re.compile(rf"(?i)((?<=[?&;])[\w.-]{{0,40}}(?:{_HIDDEN}|sig|signature)=)[^&\s\"'<>#]+"),
    # "password" : "..."
    re.compile(
        rf"(?i)((?:{_HIDDEN})[\"']?\s{{0,20}}(?:=>|[:=])\s{{0,20}})"
        r"(?:\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?)"
    ),
    # password=... in any other text, to the end of the line: it may hold blanks
    re.compile(rf"(?i)((?:{_HIDDEN})\\*[\"']?\s{{0,20}}(?:=>|[:=])\s{{0,20}})(?![\s\"']|\[redacted\]).+"),
)
"""A secret's name and what stands behind it. The name stays, where there is a group for it."""


def _named(found: re.Match[str]) -> str:
    return (found[1] if found.re.groups else "") + _MARK


def _is_base64(found: re.Match[str]) -> bool:
    """Tell base64 from words: it changes between cases and digits all the time."""
    text = found[0]
    kinds = [("a" if c.islower() else "A" if c.isupper() else "1" if c.isdigit() else "") for c in text]
    changes = sum(one != two and bool(one and two) for one, two in pairwise(kinds))
    groups = sum(one != "1" and two == "1" for one, two in pairwise(["", *kinds]))
    mixed = {"a", "A", "1"} <= set(kinds) and "X509" not in text
    length = len(text)
    if length < _LONG_TOKEN:
        return mixed and groups > 1 and changes * 2 >= length
    if length < _LONGEST_WORD:
        return mixed and changes * 5 >= length * 2
    return "+" in text or not re.search("[/_-]", text) or changes * 10 >= length * 3  # else a path


_LONG_TOKEN, _LONGEST_WORD = 24, 60
"""Characters: names of classes and aliases are shorter than the one, and no word is longer than the other."""


def _is_credential(found: re.Match[str]) -> bool:
    """Tell whether a credential stands behind the name of an HTTP authentication scheme, and no word."""
    token = found[1]
    return not (token.isalpha() and (token[1:].islower() or token.isupper()))


def _is_key(found: re.Match[str]) -> bool:
    """Tell a run of hex digits from a number, a UUID and the label of a host's name."""
    text = found[0]
    if found.lastgroup == "uuid" or (text.isdecimal() and len(text) < _LONGEST_NUMBER):
        return False
    label = len(text) <= _LONGEST_LABEL and text.islower()
    return not (label and _HOST_GOES_ON.match(found.string, found.end()))


_SHORTEST_KEY, _LONGEST_NUMBER = 12, 32  # hex digits
_LONGEST_LABEL = 20  # cloud providers name hosts by 12 or 17 digits
_HOST_GOES_ON = re.compile(r"\.[a-z][a-z0-9-]{1,62}\b")


def _is_dump(found: re.Match[str]) -> bool:
    """Tell groups of hex digits from numbers, times and words."""
    text = found[0].replace(" ", "").replace("-", "")
    number = text.isdecimal() and len(text) < _LONGEST_NUMBER
    return len(text) >= _SHORTEST_KEY and not (number or text.isalpha())


def _always(_: re.Match[str]) -> bool:
    return True


_SHAPES: tuple[tuple[tuple[str, ...], int, re.Pattern[str], _IsSecret], ...] = (
    # user and password in a URL, and in Oracle's
    (("://",), 1, re.compile(r"(?<=://)[^\s/?#]{1,512}@"), _always),
    ((":thin:",), 1, re.compile(r"(?<=:thin:)[^\s@]{1,256}@"), _always),
    (("-----BEGIN",), 1, re.compile(r"-----BEGIN\b.*?(?:-----END[^-\n]{0,60}-----|$)"), _always),
    (
        ("Basic ", "Bearer ", "Digest ", "Negotiate ", "NTLM "),
        1,
        re.compile(r"\b(?:Basic|Bearer|Digest|Negotiate|NTLM) +([A-Za-z0-9+/=_.~-]{6,})"),
        _is_credential,
    ),
    # what begins as tokens of well-known kinds do, and DER in base64
    (
        ("eyJ", "MI", "AKIA", "ASIA", "gh", "xox", "AIza", "sk_"),
        1,
        re.compile(
            r"\b(?:eyJ[\w-]{6,}(?:\.[\w-]*){0,4}|A[KS]IA[0-9A-Z]{12,}|gh[a-z]_\w{16,}|xox[a-z]-[\w-]{8,}"
            r"|AIza[\w-]{20,}|sk_(?:live|test)_\w{8,}|MI(?=[A-Z]*[a-z])(?=[A-Za-z]*\d)[A-Za-z0-9+/]{12,}={0,2})"
        ),
        _always,
    ),
    # what is left of a short row of a hex dump that lost its beginning
    (("  ",), 1, re.compile(rf"(?<!\S)(?:{_HEX}{{2}} {{1,3}}){{2,}} {{1,80}}\S.{{0,16}}$"), _always),
    # runs of pairs, however they are separated; an IPv6 address has groups of other lengths
    ((":",), 5, re.compile(rf"{_NO_HEX}(?:{_HEX}{{2}}:){{5,}}{_HEX}{{1,2}}(?!{_HEX}|:{_HEX}{{3}})"), _always),
    (("-",), 5, re.compile(rf"{_NO_HEX}(?:{_HEX}{{2}}-){{5,}}{_HEX}{{0,2}}"), _is_dump),
    (("0x", "\\x"), 4, re.compile(rf"(?:[0\\]x{_HEX}{{1,2}}[, ]{{0,2}}){{4,}}"), _always),
    (
        (" ",),
        1,
        re.compile(
            rf"{_NO_HEX}(?:(?:{_HEX}{{1,3}} )?(?:{_HEX}{{4}} ){{2,}}{_HEX}{{0,4}}"
            rf"|(?:{_HEX}{{1,7}} )?(?:{_HEX}{{8}} )+{_HEX}{{1,8}})"
        ),
        _is_dump,
    ),
    (
        ("",),
        1,
        re.compile(
            rf"{_NO_HEX}(?:(?P<uuid>{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?!{_HEX}))"
            rf"|{_HEX}{{12,}})"
        ),
        _is_key,
    ),
    # byte lists of the legacy dialect: { 57, 241, -14, ... }, and what is left of a torn one
    (("{",), 1, re.compile(r"\{ {0,4}(?:-?\d{1,3}, {0,4}){3,}[^}]*\}?"), _always),
    ((",",), 5, re.compile(r"(?<![\d.])(?:-?\d{1,3}, ?){5,}-?\d{0,3}(?![\d.])"), _always),
    (
        ("",),
        1,
        re.compile(
            r"(?<![A-Za-z0-9+/=_-])(?:(?=[A-Z0-9+/_-]*[a-z])(?=[a-z+/_-]*[A-Z0-9])[A-Za-z0-9+/_-]{16,}"
            r"|[A-Za-z0-9+/]{60,})={0,2}"
        ),
        _is_base64,
    ),
)
"""Shapes of secrets wherever they stand, and whether what fits is one. Before each pattern stands what a text
must hold, one of these pieces so many times, for a search to be worth its time."""

_ROW = re.compile(rf"{_NO_HEX}{_HEX}{{3,7}}0: {{1,2}}(?:{_HEX}{{2}} {{1,3}}){{2}}")
_PAIRS = re.compile(rf"{_NO_HEX}{_HEX}{{2}}(?:[ ,]{{1,3}}{_HEX}{{2}}){{5,}}")

_UNPRINTABLE = re.compile(
    r"\x1b\[[0-9;]{0,20}[A-Za-z]"  # colours
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"  # control characters
    r"|[\u2028\u2029\u202a-\u202e\u2066-\u2069]"  # line breaks and changes of direction
)


def decoded(raw: bytes) -> str:
    """Return text as it is: UTF-8 with replacement, without control characters. It may hold secrets."""
    text = raw.decode("utf-8", "replace")
    return text if text.isprintable() else _UNPRINTABLE.sub("", text)


def clean(shown: str) -> str:
    """Return the text with everything of a secret's shape replaced by a mark."""
    return _cleaned(shown, _plain)


def text(raw: bytes, limit: int = FIELD_LIMIT) -> str:
    """Return a field of the log: decoded, cleaned, at most `limit` characters."""
    return _window(raw, limit, _plain)[:limit]


def name(raw: bytes | str, limit: int = FIELD_LIMIT) -> str:
    """Return a field that is compared with others of its kind (a thread, a distinguished name).

    Two names that differ in what looks like a secret must not become one, so what has its shape is replaced
    by a mark with four digits of its hash: enough to keep two apart, and nothing to find it by.
    """
    return _window(raw, limit, _distinct)[:limit]


def evidence(raw: bytes) -> str:
    """Return one line of the log fit to be shown: decoded, cleaned, at most `LIMIT` characters."""
    shown = _window(raw, LIMIT, _plain).strip()
    return shown if len(shown) <= LIMIT else shown[: LIMIT - 1] + "…"


def serial(printed: str) -> str | None:
    """Return a certificate's serial number as lower case hex digits, in pairs with ":" as printed; else None.

    RFC 5280 section 4.1.2.2 allows 20 octets, so nothing longer is one.
    """
    digits = printed.strip().replace(" ", ":").lower()
    return digits if _SERIAL.fullmatch(digits) else None


_SERIAL = re.compile(r"-?(?:[0-9a-f]{1,2}(?::[0-9a-f]{2}){0,20}|[0-9a-f]{1,42})")

_REMEMBERED = 4096
"""Characters of a text whose cleaned form is remembered: a client's list of suites comes again and again."""


_Mark = Callable[[str], str]


def _window(raw: bytes | str, limit: int, mark: _Mark) -> str:
    """Return the cleaned beginning of a text, without the word that a cut went through.

    That word may be a secret that has lost its shape.
    """
    piece = raw[: _WINDOW * limit]
    shown = _cleaned(decoded(piece) if isinstance(piece, bytes) else piece, mark)
    whole = len(piece) == len(raw) or shown.endswith("]")
    return shown if whole else shown.rpartition(" ")[0]


def _plain(_: str) -> str:
    return _MARK


def _distinct(secret: str) -> str:
    """Return a mark that tells one secret from another."""
    return f"[redacted {hashlib.sha256(secret.encode()).hexdigest()[:4]}]"


def _named_gone(shown: str) -> str:
    """Replace what stands behind the name of a secret."""
    lower = shown.lower()
    if any(word in lower for word in _WORDS):
        for pattern in _NAMED:
            shown = pattern.sub(_named, shown)
    return shown


def _rows_gone(shown: str) -> str:
    """Cut off a row of HexDumpEncoder ("0000: 07 74 AB ...  .t.."), with the column of text behind it.

    A row that lost its beginning is known by its gaps of two blanks: in the middle, and before the text.
    """
    if shown.count(" ") < _ROW_BLANKS:
        return shown
    row = _ROW.search(shown)
    if row:
        shown = shown[: row.start()] + _MARK
    for found in _PAIRS.finditer(shown):
        if "  " in shown[found.start() : found.end() + 2]:
            shown = shown[: found.start()] + _MARK
            break
    return _PAIRS.sub(_MARK, shown)


_ROW_BLANKS = 2


def _clean(shown: str, mark: _Mark) -> str:
    shown = _rows_gone(_named_gone(shown))
    for pieces, least, pattern, is_secret in _SHAPES:
        if any(shown.count(piece) >= least for piece in pieces):
            shown = pattern.sub(lambda m, is_secret=is_secret: mark(m[0]) if is_secret(m) else m[0], shown)  # type: ignore[misc]
    return shown


_remembered = lru_cache(maxsize=512)(_clean)


def _cleaned(shown: str, mark: _Mark) -> str:
    return _remembered(shown, mark) if len(shown) <= _REMEMBERED else _clean(shown, mark)
