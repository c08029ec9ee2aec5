"""What each vendor documents of a request: what it refuses, as a list of sentences."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

HEX = re.compile(r"[0-9a-f]{32}")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")


def texts(value: object) -> Iterator[str]:
    """Yield every text of a body, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def unclean(body: object) -> list[str]:
    """Return texts with control characters, terminal escapes or changes of direction."""
    return [f"unclean: {text[:40]!r}" for text in texts(body) if CONTROL.search(text)]


def require(value: Any, *keys: str) -> list[str]:
    """Return which keys an object lacks."""
    if not isinstance(value, dict):
        return [f"no object: {value!r}"]
    return [f"{key} is missing" for key in keys if key not in value]


def _shown(block: Any) -> list[tuple[Any, int, str]]:
    if block["type"] == "header":
        return [(block["text"], 150, "plain_text")]
    if block["type"] == "context":
        return [(element, 3000, "mrkdwn") for element in block["elements"]]
    if "text" in block:
        return [(block["text"], 3000, "mrkdwn")]
    return [(field, 2000, "mrkdwn") for field in block["fields"]]


def slack(body: Any) -> list[str]:
    """https://docs.slack.dev/reference/block-kit/blocks."""
    faults = require(body, "text", "blocks")
    blocks = body["blocks"]
    if len(blocks) > 50:
        faults.append("more than 50 blocks")
    if len(json.dumps(body, ensure_ascii=False)) > 13_000:
        faults.append("msg_blocks_too_long")
    for block in blocks:
        shown = _shown(block)
        if len(shown) > 10 or not shown:
            faults.append(f"{len(shown)} elements")
        for text, limit, kind in shown:
            if text["type"] != kind or not 0 < len(text["text"]) <= limit:
                faults.append(f"{block['type']} with a bad text: {text['text'][:40]!r}")
            if kind == "mrkdwn" and re.search(r"<(?!https?://[^<>|]+\|(Runbook|Dashboard)>)", text["text"]):
                faults.append(f"a link or a mention: {text['text'][:40]!r}")
    return faults


def mattermost(body: Any) -> list[str]:
    """https://developers.mattermost.com/integrate/webhooks/incoming."""
    faults = require(body, "text")
    if not 0 < len(body["text"]) <= 16_383:
        faults.append("more than 16383 characters")
    if "@" in body["text"] or re.search("<[!@#A-Za-z]", body["text"]):
        faults.append("a mention")
    return faults


def teams(body: Any) -> list[str]:
    """https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook."""
    faults = require(body, "type", "attachments")
    size = len(json.dumps(body, ensure_ascii=False).encode())
    if size > 21_000:
        faults.append(f"{size} bytes")
    (attachment,) = body["attachments"]
    faults += require(attachment, "contentType", "contentUrl", "content")
    card = attachment["content"]
    faults += require(card, "$schema", "type", "version", "body")
    if (body["type"], attachment["contentType"], card["type"], card["version"]) != (
        "message",
        "application/vnd.microsoft.card.adaptive",
        "AdaptiveCard",
        "1.2",
    ):
        faults.append("no card of version 1.2")
    for block in card["body"]:
        faults += require(block, "type", "inlines")
        if block["type"] != "RichTextBlock":
            faults.append(f"{block['type']} reads Markdown")
        for run in block["inlines"]:
            faults += require(run, "type", "text")
            if not run["text"]:
                faults.append("an empty run")
    for action in card.get("actions", []):
        faults += require(action, "type", "title", "url")
    return faults


def google_chat(body: Any) -> list[str]:
    """https://developers.google.com/workspace/chat/api/reference/rest/v1/cards."""
    faults = require(body, "cardsV2", "thread", "fallbackText") + require(body["thread"], "threadKey")
    (entry,) = body["cardsV2"]
    faults += require(entry, "cardId", "card")
    card = entry["card"]
    faults += require(card, "header", "sections")
    size = len(json.dumps(body, ensure_ascii=False).encode())
    if size > 32_000:
        faults.append(f"{size} bytes")
    widgets = [widget for section in card["sections"] for widget in section["widgets"]]
    if len(widgets) > 100:
        faults.append("more than 100 widgets")
    for widget in widgets:
        ((kind, content),) = widget.items()
        if kind == "buttonList":
            urls = [button["onClick"]["openLink"]["url"] for button in content["buttons"]]
            faults += [f"no URL: {url!r}" for url in urls if not is_url(url)]
            continue
        text = content["text"]
        if kind not in {"textParagraph", "decoratedText"} or not text:
            faults.append(f"a bad widget: {widget!r}")
        bare = re.sub(r"</?b>|<br>|&(amp|lt|gt|quot|#39);", "", text)
        if set(bare) & set("<>&"):
            faults.append(f"markup: {bare[:40]!r}")
    return faults


def pagerduty(body: Any) -> list[str]:
    """https://developer.pagerduty.com/docs/events-api-v2-overview."""
    faults = require(body, "routing_key", "event_action", "dedup_key")
    size = len(json.dumps(body, ensure_ascii=False).encode())
    if size > 512_000:
        faults.append(f"{size} bytes")
    if len(body["routing_key"]) != 32:
        faults.append("no routing key of 32 characters")
    if not 0 < len(body["dedup_key"]) <= 255:
        faults.append("a bad dedup_key")
    if body["event_action"] == "resolve":
        return faults
    if body["event_action"] != "trigger":
        faults.append("a bad event_action")
    payload = body["payload"]
    faults += require(payload, "summary", "source", "severity")
    if not 0 < len(payload["summary"]) <= 1024:
        faults.append("a bad summary")
    if payload["severity"] not in {"critical", "error", "warning", "info"}:
        faults.append("a bad severity")
    if datetime.fromisoformat(payload["timestamp"]).tzinfo is None:
        faults.append("a timestamp without an offset")
    for link in body["links"]:
        faults += require(link, "href", "text")
    return faults


def alertmanager(body: Any) -> list[str]:
    """https://prometheus.io/docs/alerting/latest/alerts_api."""
    faults = []
    for alert in body:
        faults += require(alert, "labels", "annotations", "startsAt", "endsAt")
        faults += require(alert["labels"], "alertname", "instance", "severity", "fingerprint")
        for name, value in (*alert["labels"].items(), *alert["annotations"].items()):
            if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) or not value:
                faults.append(f"a bad label: {name}={value!r}")
        starts, ends = (datetime.fromisoformat(alert[key]) for key in ("startsAt", "endsAt"))
        if starts > ends:
            faults.append("it ends before it starts")
        if not is_url(alert.get("generatorURL", "http://x")):
            faults.append("a bad generatorURL")
    return faults


def is_url(text: str) -> bool:
    """Tell whether a text is a URL of ASCII characters that may stand there as they are."""
    parts = urlsplit(text)
    clean = not re.search(r"[^!-~]|[<>\"`{}|\\^]", text)
    return clean and parts.scheme in {"http", "https"} and bool(parts.netloc)


CHECKS: Mapping[str, Callable[[Any], list[str]]] = {
    "slack": slack,
    "mattermost": mattermost,
    "teams": teams,
    "google_chat": google_chat,
    "pagerduty": pagerduty,
    "alertmanager": alertmanager,
}


def faults(format_name: str, body: bytes) -> list[str]:
    """Return what a vendor would refuse of a body, and what of a log no body may hold."""
    parsed = json.loads(body.decode("utf-8"))
    if format_name == "generic":
        return []  # its schema is held against it elsewhere, and it is data, not text to be shown
    return CHECKS[format_name](parsed) + unclean(parsed)
