"""`setSMS`: what happens to texts that come to a number."""

from __future__ import annotations

from sandbox import clock
from sandbox.methods.dids import own, save
from sandbox.wire.kinds import plain_number, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method

# Written name -> kept name; a field left out falls back to unchecked or empty.
FLAGS = {
    "enable": "sms_enabled", "email_enabled": "sms_email_enabled",
    "sms_forward_enable": "sms_forward_enabled", "url_callback_enable": "sms_url_callback_enabled",
    "url_callback_retry": "sms_url_callback_retry", "webhook_enable": "webhook_enabled",
    "smpp_enabled": "smpp_enabled", "sms_sipaccount_enabled": "sms_sipaccount_enabled",
}  # fmt: skip
TEXTS = {
    "email_address": "sms_email", "sms_forward": "sms_forward", "url_callback": "sms_url_callback",
    "webhook": "webhook", "smpp_url": "smpp_url", "smpp_user": "smpp_user",
    "smpp_pass": "smpp_pass", "sms_sipaccount": "sms_sipaccount",
}  # fmt: skip


@method("setSMS")
def set_sms(request: Request) -> Answer:
    record = own(request)
    did, now = plain_number(request.get("did")), clock.now_seconds()
    wait = request.world.options.sms_wait_seconds
    last = request.store.value("SELECT sms_set_at FROM dids WHERE did = ?", did)
    if wait and now - last < wait:
        raise Refusal("sms_wait_message")
    if str(record["sms_available"]) != "1":
        raise Refusal("invalid_did")
    if request.get("smpp_url") and not request.get("smpp_url").startswith(("smpp://", "ssmpp://")):
        raise Refusal("invalid_smpp_url")
    for written, kept in FLAGS.items():
        record[kept] = "1" if truth(request.get(written)) else "0"
    for written, kept in TEXTS.items():
        record[kept] = request.get(written)
    record["dialmode"] = request.get("dialmode", "1")
    request.store.run("UPDATE dids SET sms_set_at = ? WHERE did = ?", now, did)
    return save(request, record)
