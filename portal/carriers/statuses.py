"""Status words of VoIP.ms, and our own, as sentences that a reseller understands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.carriers.errors import CarrierError
from portal.core.sentences import N_


class Blame(StrEnum):
    """Where the reason lies, which decides whether trying again can help."""

    REQUEST = "request"  # the same request will be refused again
    ACCOUNT = "account"  # somebody has to change something at the carrier first
    CARRIER = "carrier"  # it will pass


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status says, what to do about it, and whose turn it is."""

    sentence: str
    advice: str
    blame: Blame


_CREDENTIALS = N_("Check the API user name and API password under Carrier.")
_LATER = N_("Nothing needs to be done; it is tried again later.")
_NUMBER = N_("Check the number and try again.")
_FUNDS = N_("Add funds to the account at the carrier.")
_OTHER_PASSWORD = N_(
    "Choose at least 8 characters with an upper-case letter, a lower-case letter and a digit."
)

MEANINGS: Final[dict[str, Meaning]] = {
    # who we are
    "missing_credentials": Meaning(
        N_("The carrier got no user name or password."), _CREDENTIALS, Blame.ACCOUNT
    ),
    "invalid_credentials": Meaning(
        N_("The carrier does not accept the user name and password."), _CREDENTIALS, Blame.ACCOUNT
    ),
    "api_not_enabled": Meaning(
        N_("The API is switched off at the carrier."),
        N_("Switch the API on in the carrier's portal and set an API password there."),
        Blame.ACCOUNT,
    ),
    "ip_not_enabled": Meaning(
        N_("The carrier does not accept requests from this server's address."),
        N_("Add this server's address to the API's allowed addresses in the carrier's portal."),
        Blame.ACCOUNT,
    ),
    # how much
    "api_limit_exceeded": Meaning(
        N_("The carrier's limit of requests per minute is reached."), _LATER, Blame.CARRIER
    ),
    "limit_reached": Meaning(
        N_("The carrier's limit of messages per day is reached."),
        N_("Ask the carrier's support to raise the daily limit, or wait until tomorrow."),
        Blame.ACCOUNT,
    ),
    "non_sufficient_funds": Meaning(
        N_("The account at the carrier has not enough money."), _FUNDS, Blame.ACCOUNT
    ),
    "did_limit_reached": Meaning(
        N_("The account at the carrier may not have more numbers."),
        N_("Ask the carrier's support to raise the limit."),
        Blame.ACCOUNT,
    ),
    # the carrier's own trouble
    "method_maintenance": Meaning(
        N_("The carrier is working on this function."), _LATER, Blame.CARRIER
    ),
    "provider_outofservice": Meaning(
        N_("One of the carrier's suppliers is out of service."), _LATER, Blame.CARRIER
    ),
    "unavailable_info": Meaning(
        N_("The carrier cannot tell at the moment."), _LATER, Blame.CARRIER
    ),
    "tls_error": Meaning(N_("The carrier had a problem with encryption."), _LATER, Blame.CARRIER),
    # messages
    "invalid_did": Meaning(
        N_("The number does not belong to the account at the carrier."), _NUMBER, Blame.REQUEST
    ),
    "invalid_dst": Meaning(N_("The carrier cannot send to this number."), _NUMBER, Blame.REQUEST),
    "missing_sms": Meaning(N_("The message is empty."), N_("Write a text."), Blame.REQUEST),
    "message_empty": Meaning(N_("The message is empty."), N_("Write a text."), Blame.REQUEST),
    "invalid_sms": Meaning(
        N_("The carrier does not accept this text."), N_("Change the text."), Blame.REQUEST
    ),
    "sms_toolong": Meaning(
        N_("The text is longer than 160 bytes."),
        N_("Shorten the text; accents and emoji count for more than one."),
        Blame.REQUEST,
    ),
    "sms_failed": Meaning(
        N_("The carrier did not send the message."),
        N_("Check that the number may send texts, then try again."),
        Blame.REQUEST,
    ),
    "invalid_media": Meaning(
        N_("The carrier does not accept this kind of attachment."),
        N_("Use a picture, a video or MP3 audio."),
        Blame.REQUEST,
    ),
    "exceeds_file_size": Meaning(
        N_("The attachments are too large."),
        N_("Keep all attachments together under 1.2 MB."),
        Blame.REQUEST,
    ),
    "sms_wait_message": Meaning(
        N_("Texts of this number were changed less than a minute ago."),
        N_("Wait a minute and try again."),
        Blame.CARRIER,
    ),
    "sms_apply_regulations": Meaning(
        N_("The carrier does not open texts for this number because of regulations."),
        N_("Contact the carrier's support about registering the number."),
        Blame.ACCOUNT,
    ),
    "media_not_there": Meaning(N_("The attachment is not there yet."), _LATER, Blame.CARRIER),
    "media_gone": Meaning(
        N_("The carrier does not keep this attachment any longer."),
        N_("Ask for it to be sent again."),
        Blame.REQUEST,
    ),
    "media_too_large": Meaning(
        N_("The attachment is too large to be fetched."),
        N_("Ask for a smaller file."),
        Blame.REQUEST,
    ),
    "media_forbidden": Meaning(
        N_("The attachment lies at an address that must not be called."),
        N_("Ask for it to be sent again."),
        Blame.REQUEST,
    ),
    # faxes
    "invalid_to_number": Meaning(
        N_("The carrier cannot fax to this number."), _NUMBER, Blame.REQUEST
    ),
    "invalid_from_number": Meaning(
        N_("The fax number does not belong to the account at the carrier."), _NUMBER, Blame.REQUEST
    ),
    "missing_file": Meaning(N_("The fax has no page."), N_("Add a file."), Blame.REQUEST),
    "no_base64file": Meaning(
        N_("The carrier could not read the file."), N_("Try again."), Blame.REQUEST
    ),
    "invalid_file": Meaning(
        N_("The carrier does not accept this file."), N_("Use another file."), Blame.REQUEST
    ),
    "sent_fail": Meaning(
        N_("The carrier did not send the fax."), N_("Try again later."), Blame.CARRIER
    ),
    "invalid_location": Meaning(
        N_("The carrier sells no fax numbers there."), N_("Choose another area."), Blame.REQUEST
    ),
    "invalid_number_fax": Meaning(
        N_("This fax number cannot be brought along."), _NUMBER, Blame.REQUEST
    ),
    "invalid_fax_id": Meaning(
        N_("The carrier does not have this fax any more."), "", Blame.REQUEST
    ),
    # numbers
    "did_in_use": Meaning(
        N_("The number is already taken."), N_("Choose another number."), Blame.REQUEST
    ),
    "order_failed": Meaning(
        N_("The carrier did not complete the order."),
        N_("Choose another number or contact the carrier."),
        Blame.REQUEST,
    ),
    "Unable_to_purchase": Meaning(
        N_("The carrier did not sell the number."),
        N_("Choose another number or contact the carrier."),
        Blame.REQUEST,
    ),
    "unsifficient_stock": Meaning(
        N_("The carrier has not enough numbers there."), N_("Choose another area."), Blame.REQUEST
    ),
    "invalid_routing_header": Meaning(
        N_("The carrier does not know where these calls should go."),
        N_("Choose another destination."),
        Blame.REQUEST,
    ),
    # forwardings and mailboxes
    "forwards_exceeded": Meaning(
        N_("The account at the carrier may not have more forwardings."),
        N_("Remove a forwarding that is not used any more."),
        Blame.REQUEST,
    ),
    "invalid_phonenumber": Meaning(
        N_("The carrier cannot forward calls to this number."), _NUMBER, Blame.REQUEST
    ),
    "invalid_digits": Meaning(
        N_("The carrier does not accept this mailbox number."), N_("Try again."), Blame.REQUEST
    ),
    # sub-accounts
    "used_username": Meaning(
        N_("A sub-account with this name exists already."),
        N_("Choose another name."),
        Blame.REQUEST,
    ),
    "used_password": Meaning(
        N_("This password was used before for the same login."),
        N_("Choose a password that was never used there."),
        Blame.REQUEST,
    ),
    "used_extension": Meaning(
        N_("Another sub-account has this extension."),
        N_("Choose another extension."),
        Blame.REQUEST,
    ),
    "weak_password": Meaning(N_("The password is too weak."), _OTHER_PASSWORD, Blame.REQUEST),
    "invalid_password": Meaning(
        N_("The carrier does not accept this password."), _OTHER_PASSWORD, Blame.REQUEST
    ),
    "invalid_account": Meaning(
        N_("The carrier does not know this sub-account."),
        N_("Check the sub-account's name."),
        Blame.REQUEST,
    ),
    # our own words
    "unreachable": Meaning(N_("The carrier cannot be reached."), _LATER, Blame.CARRIER),
    "too_slow": Meaning(N_("The carrier did not answer in time."), _LATER, Blame.CARRIER),
    "too_large": Meaning(
        N_("The carrier's answer is too large."),
        N_("Ask for a shorter period."),
        Blame.REQUEST,
    ),
    "forbidden_address": Meaning(
        N_("The carrier's address must not be called from here."),
        N_("The operator has to allow this address."),
        Blame.ACCOUNT,
    ),
    "bad_answer": Meaning(
        N_("The carrier answered something that makes no sense."), _LATER, Blame.CARRIER
    ),
    "carrier_outage": Meaning(N_("The carrier has a fault."), _LATER, Blame.CARRIER),
    "carrier_resting": Meaning(
        N_("The carrier did not answer several times; it is left alone for a moment."),
        _LATER,
        Blame.CARRIER,
    ),
    "not_applied": Meaning(
        N_("The carrier said yes and changed nothing."),
        N_("Try again in a minute, then contact the carrier."),
        Blame.CARRIER,
    ),
    "no_reference": Meaning(
        N_("The carrier took the request and gave no reference."), _LATER, Blame.CARRIER
    ),
}

_FAMILIES: Final[tuple[tuple[str, Meaning], ...]] = (
    (
        "invalid_password",
        MEANINGS["invalid_password"],
    ),
    (
        "missing_",
        Meaning(N_("The carrier misses a value."), N_("Fill in every field."), Blame.REQUEST),
    ),
    (
        "invalid_",
        Meaning(
            N_("The carrier does not accept one of the values."),
            N_("Check what was entered."),
            Blame.REQUEST,
        ),
    ),
    (
        "used_",
        Meaning(
            N_("This is already in use at the carrier."),
            N_("Choose something else."),
            Blame.REQUEST,
        ),
    ),
)
_UNKNOWN: Final = Meaning(
    N_("The carrier refused."),
    N_("Look up the carrier's status word, or contact the carrier."),
    Blame.REQUEST,
)


def meaning(code: str) -> Meaning:
    """What a status word says; words nobody has documented are kept and read as a refusal."""
    if code in MEANINGS:
        return MEANINGS[code]
    return next((said for start, said in _FAMILIES if code.startswith(start)), _UNKNOWN)


def advice_on(sentence: str) -> str:
    """What to do about a sentence that was kept without its status; empty when there is nothing."""
    said = (*MEANINGS.values(), *(meaning for _, meaning in _FAMILIES), _UNKNOWN)
    return next((one.advice for one in said if one.sentence == sentence), "")


_FAX_REASONS: Final[tuple[tuple[str, Meaning], ...]] = (
    (
        r"busy",
        Meaning(N_("The line was busy."), N_("Try again in a few minutes."), Blame.CARRIER),
    ),
    (
        r"no.?answer|not? answer|timed? ?out",
        Meaning(
            N_("Nobody answered."),
            N_("Check that the machine is switched on, then try again."),
            Blame.CARRIER,
        ),
    ),
    (
        r"voice|human|no fax|not a fax|no carrier|handshake|negotiat",
        Meaning(
            N_("No fax machine answered at this number."),
            N_("Check the number."),
            Blame.REQUEST,
        ),
    ),
    (
        r"invalid|unallocated|not in service|disconnected number|reject",
        Meaning(N_("This number cannot be reached."), _NUMBER, Blame.REQUEST),
    ),
    (
        r"page|hung|hang|disconnect|drop|lost|interrupt",
        Meaning(
            N_("The connection broke before the last page."),
            N_("Try again; some of the pages may have arrived."),
            Blame.CARRIER,
        ),
    ),
)
_FAX_FAILED: Final = Meaning(
    N_("The fax did not go through."), N_("Try again later."), Blame.CARRIER
)


def fax_reason(words: str) -> Meaning:
    """Why a fax did not go through, out of the carrier's own words."""
    said = words.lower()
    return next((why for known, why in _FAX_REASONS if re.search(known, said)), _FAX_FAILED)


def refusal(
    code: str,
    *,
    kind: type[CarrierError] = CarrierError,
    maybe_sent: bool = False,
    retry_after_seconds: int | None = None,
) -> CarrierError:
    """The error that a status word stands for."""
    said = meaning(code)
    return kind(
        code,
        permanent=said.blame is Blame.REQUEST,
        maybe_sent=maybe_sent,
        sentence=said.sentence,
        advice=said.advice,
        retry_after_seconds=retry_after_seconds,
    )
