"""Signatures of Standard Webhooks 1.0.0, by which a receiver knows that a message is ours and is whole.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
from datetime import datetime

_PREFIX = "whsec_"


def headers(identity: str, at: datetime, body: bytes, secrets: str | None) -> dict[str, str]:
    """Return the headers of a message; `secrets` are one or more, with blanks between them.

    Each secret makes a signature, so that a receiver may know the old or the new one while they are changed.
    """
    seconds = str(int(at.timestamp()))
    found = {"webhook-id": identity, "webhook-timestamp": seconds}
    if secrets is not None:
        signed = f"{identity}.{seconds}.".encode() + body
        found["webhook-signature"] = " ".join(_signature(one, signed) for one in secrets.split())
    return found


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode("ascii")
