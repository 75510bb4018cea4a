"""The telephone carrier behind the portal: values, errors and how to connect; no tables."""

from __future__ import annotations

from collections.abc import Collection

from portal.carriers.breaker import Breaker, breaker_for, forget_outages
from portal.carriers.directions import Direction
from portal.carriers.errors import CarrierDown, CarrierError, OutcomeUnknown
from portal.carriers.fax_numbers import (
    CarrierFax,
    CarrierPort,
    FaxCentre,
    FaxPlace,
    FaxSettings,
    PortNote,
    PortWish,
)
from portal.carriers.faxes import ArrivedFax, CarrierFaxMessage, FaxStatus, FaxToSend
from portal.carriers.gateway import Carrier
from portal.carriers.inbound import InvalidCallback, message_from_fields, message_from_json
from portal.carriers.recordings import CarrierRecording
from portal.carriers.statuses import advice_on, fax_reason
from portal.carriers.values import (
    AvailableDid,
    CarrierBalance,
    CarrierCall,
    CarrierDid,
    CarrierMessage,
    CarrierRate,
    CarrierSubAccount,
    CarrierTransaction,
    DidOrder,
    Disposition,
    Forwarding,
    LineSettings,
    Mailbox,
    MessageKind,
    NewMailbox,
    NewSubAccount,
    RegisteredAt,
    Registration,
    Route,
    SendReceipt,
    ServerPop,
    SmsSettings,
    SubAccountCreated,
    UnreadableRow,
)
from portal.carriers.voipms import VoipMs
from portal.carriers.voipms_faxes import fax_from_form
from portal.carriers.voipms_wire import Wire
from portal.core.http import Outgoing, Transport

VOIPMS_URL = "https://voip.ms/api/v1/rest.php"
DEADLINE_SECONDS = 10.0


def connect(
    base_url: str,
    username: str,
    password: str,
    *,
    allow_private: Collection[str] = (),
    deadline_seconds: float = DEADLINE_SECONDS,
    transport: Transport | None = None,
    outgoing: Outgoing | None = None,
    breaker: Breaker | None = None,
) -> Carrier:
    """A carrier account to talk to; opens nothing yet and can be made anew for every use.

    `base_url` is the whole address of rest.php. Plain http and private addresses work only for
    hosts (or host:port) in `allow_private`, which the operator sets. `deadline_seconds` covers a
    whole call with its retries. The breaker is shared by every connection of this process to the
    same account, unless one is given. `transport` puts a WSGI application in the network's place.
    """
    wire = Wire(
        base_url,
        username,
        password,
        outgoing=outgoing or Outgoing(allow_private=allow_private, transport=transport),
        breaker=breaker or breaker_for(base_url, username),
        deadline_seconds=deadline_seconds,
    )
    return VoipMs(wire)


__all__ = [
    "VOIPMS_URL",
    "ArrivedFax",
    "AvailableDid",
    "Breaker",
    "Carrier",
    "CarrierBalance",
    "CarrierCall",
    "CarrierDid",
    "CarrierDown",
    "CarrierError",
    "CarrierFax",
    "CarrierFaxMessage",
    "CarrierMessage",
    "CarrierPort",
    "CarrierRate",
    "CarrierRecording",
    "CarrierSubAccount",
    "CarrierTransaction",
    "DidOrder",
    "Direction",
    "Disposition",
    "FaxCentre",
    "FaxPlace",
    "FaxSettings",
    "FaxStatus",
    "FaxToSend",
    "Forwarding",
    "InvalidCallback",
    "LineSettings",
    "Mailbox",
    "MessageKind",
    "NewMailbox",
    "NewSubAccount",
    "OutcomeUnknown",
    "PortNote",
    "PortWish",
    "RegisteredAt",
    "Registration",
    "Route",
    "SendReceipt",
    "ServerPop",
    "SmsSettings",
    "SubAccountCreated",
    "UnreadableRow",
    "advice_on",
    "connect",
    "fax_from_form",
    "fax_reason",
    "forget_outages",
    "message_from_fields",
    "message_from_json",
]
