"""Every service that a reseller can show or hide, and what each view leaves out."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    """One switch of "Services (Show)"; also what money components are behind."""

    DIDS = "dids"
    DID_ORDER = "did_order"
    SUB_ACCOUNTS_EDIT = "sub_accounts_edit"
    SMS_MMS = "sms_mms"
    FAX = "fax"
    VOICEMAIL = "voicemail"
    CALL_FORWARDING = "call_forwarding"
    CALL_HUNTING = "call_hunting"
    RING_GROUPS = "ring_groups"
    IVR = "ivr"
    CALLING_QUEUES = "calling_queues"
    TIME_CONDITIONS = "time_conditions"
    CALLER_ID_FILTERING = "caller_id_filtering"
    CALLBACK = "callback"
    DISA = "disa"
    SIP_URI = "sip_uri"
    PHONEBOOK = "phonebook"
    RECORDINGS = "recordings"
    MUSIC_ON_HOLD = "music_on_hold"
    CALL_RECORDINGS = "call_recordings"
    CALL_TRANSCRIPTIONS = "call_transcriptions"
    CONFERENCE = "conference"
    CALL_PARKING = "call_parking"
    E911 = "e911"
    CDR = "cdr"
    BALANCE = "balance"
    PAYMENTS = "payments"
    CONTACTS = "contacts"


class View(StrEnum):
    """How much a client sees. Simple leaves out details; the last one the services page too."""

    STANDARD = "standard"
    SIMPLE = "simple"
    SIMPLE_HIDDEN = "simple_hidden"


MONEY = frozenset({Service.BALANCE, Service.PAYMENTS})
"""What disappears when money is hidden."""

FEATURES = frozenset(
    {
        Service.VOICEMAIL,
        Service.CALL_FORWARDING,
        Service.CALL_HUNTING,
        Service.RING_GROUPS,
        Service.IVR,
        Service.CALLING_QUEUES,
        Service.TIME_CONDITIONS,
        Service.CALLER_ID_FILTERING,
        Service.CALLBACK,
        Service.DISA,
        Service.SIP_URI,
        Service.RECORDINGS,
        Service.MUSIC_ON_HOLD,
        Service.CALL_RECORDINGS,
        Service.CALL_TRANSCRIPTIONS,
        Service.CONFERENCE,
        Service.CALL_PARKING,
        Service.SUB_ACCOUNTS_EDIT,
    }
)
"""What is managed on the services page, and goes with it."""

DEFAULT_ON = frozenset(Service) - {
    Service.DID_ORDER,
    Service.CALL_RECORDINGS,
    Service.CALL_TRANSCRIPTIONS,
    Service.SUB_ACCOUNTS_EDIT,
}
"""What a new reseller shows before choosing: nothing that costs money by a click."""
