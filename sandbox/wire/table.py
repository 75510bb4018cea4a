"""Every method the carrier answers, its parameters, and the status words for missing and bad ones.

One parameter reads `name`, `name*` when it is required, then `:kind` (see `kinds.py`; the kind of the
same name otherwise) and `!word` when its status words are not `missing_<name>` and `invalid_<name>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.wire import kinds

SUB_ACCOUNT = """
    description auth_type*:whole!authtype password ip device_type*:whole!devicetype
    callerid_number!callerid canada_routing:one_or_two lock_international*:whole!lockinternational
    international_route*:one_or_two!internationalroute music_on_hold*!musiconhold language
    allowed_codecs*!allowedcodecs dtmf_mode*!dtmfmode nat* sip_traffic:flag max_expiry:whole
    rtp_timeout:whole rtp_hold_timeout:whole ip_restriction enable_ip_restriction:flag
    pop_restriction enable_pop_restriction:flag internal_extension:whole!extension
    internal_voicemail:whole!internalvoicemail internal_dialtime:whole!internaldialtime
    reseller_client:whole!resellerclient reseller_package:whole!resellerpackage
    reseller_nextbilling:day_or_unset!resellernextbilling reseller_chargesetup send_bye:flag
    record_calls:flag transcribe:flag transcription_locale transcription_email:emails
    transcription_start_delay:whole enable_internal_cnam:flag internal_cnam dialing_mode tfcarrier
    internal_extension_location allow225 transcription_redaction transcription_summary
    transcription_sentiment parking_lot default_e911 call_pickup_behavior
"""
ROUTE_OF_DID = """
    routing*:routing!routing failover_busy:routing failover_unreachable:routing
    failover_noanswer:routing voicemail pop*:whole!serverpop dialtime*:whole cnam*:one_or_zero
    callerid_prefix!calleridprefix note
"""
ORDER = f"did*:number {ROUTE_OF_DID} account monthly:amount setup:amount minute:amount test:flag"
CDR = """
    answered:flag noanswer:flag busy:flag failed:flag
    timezone:offset calltype callbilling account
"""
MESSAGES = """
    from:day!date to:day!date type:one_or_zero did:number contact:contact limit:whole
    timezone:offset all_messages:flag
"""
FAX_EMAIL = "email:email email_enable:flag email_attach_file:flag"
FAX_CALLBACK = "url_callback:web_address!callback url_callback_enable:flag url_callback_retry:flag"
PERSON = """
    firstname* lastname* company address* city* state* country* zip* phone_number*!phonenumber
    email*:email
"""
CONNECT = """
    did*:number account* monthly*:amount setup*:amount minute*:amount
    next_billing:day!resellernextbilling dont_charge_setup:flag dont_charge_monthly:flag
"""
MAILBOX = """
    name* password* skip_password*:flag!skippassword email:emails attach_message*!attachmessage
    delete_message*!deletemessage say_time*!saytime timezone* say_callerid*!saycallerid
    play_instructions*!playinstructions language* email_attachment_format!emailattachmentformat
    unavailable_message_recording transcription transcription_locale transcription_redaction
    transcription_sentiment transcription_summary transcription_format transcription_delay client
"""

METHODS = {
    # General
    "getBalance": "advanced:flag",
    "getTransactionHistory": "date_from*:day!from_date date_to*:day!to_date",
    "getIP": "",
    "getCountries": "country",
    "getLanguages": "language",
    "getLocales": "locale",
    "getServersInfo": "server_pop",
    "getTimezones": "timezone",
    # Sub-accounts
    "createSubAccount": f"username*:login protocol*:whole {SUB_ACCOUNT}",
    "setSubAccount": f"id*:whole {SUB_ACCOUNT}",
    "delSubAccount": "id*:whole",
    "getSubAccounts": "account",
    "getRegistrationStatus": "account*",
    "getAllowedCodecs": "codec",
    "getAuthTypes": "type",
    "getDeviceTypes": "device_type",
    "getDTMFModes": "dtmf_mode",
    "getLockInternational": "lock_international",
    "getMusicOnHold": "music_on_hold",
    "getNAT": "nat",
    "getProtocols": "protocol",
    "getRoutes": "route",
    "setLocation": "name*!location_name",
    "getLocations": "",
    "delLocation": "name!location_name id",
    # Calls and rates
    "getCDR": f"date_from*:day!from_date date_to*:day!to_date {CDR}",
    "getResellerCDR": f"client*:whole date_from*:day!from_date date_to*:day!to_date {CDR}",
    "getCallAccounts": "client",
    "getCallRecordings": "account* start:whole length:whole date_from*:day!from_date"
    " date_to*:day!to_date call_type",
    "getCallBilling": "",
    "getCallTypes": "client",
    "getRates": "package*:whole query*",
    "getTerminationRates": "query* route*:one_or_two",
    "getResellerSMS": f"client*:whole sms:whole {MESSAGES}",
    "getResellerMMS": f"client*:whole mms:whole {MESSAGES}",
    # Reseller clients
    "signupClient": f"{PERSON} confirm_email*!email_confirm password*"
    " confirm_password*!password_confirm activate:flag balance_management:whole!balancemanagement",
    "getClients": "client",
    "setClient": "client*:whole email*:email password* company firstname* lastname* address city"
    " state country zip phone_number*!phonenumber balance_management:whole!balancemanagement",
    "delClient": "client*:whole",
    "addPayment": "client*:whole payment*:amount description test:flag",
    "addCharge": "client*:whole charge*:amount description test:flag",
    "getCharges": "client*:whole",
    "getDeposits": "client*:whole",
    "getResellerBalance": "client*:whole",
    "getPackages": "package",
    "getClientPackages": "client*:whole",
    "getClientThreshold": "client*:whole",
    "setClientThreshold": "client*:whole email:email threshold*",
    "getBalanceManagement": "balance_management",
    "connectDID": CONNECT,
    "unconnectDID": "did*:number",
    # Numbers
    "getDIDsUSA": "state* ratecenter",
    "getDIDsCAN": "province* ratecenter",
    "getStates": "",
    "getProvinces": "",
    "getRateCentersUSA": "state*",
    "getRateCentersCAN": "province*",
    "searchDIDsUSA": "state type*:search query*",
    "searchDIDsCAN": "province type*:search query*",
    "searchTollFreeUSA": "type:search query",
    "searchTollFreeCanUS": "type:search query",
    "orderDID": f"{ORDER} billing_type*:one_or_two!billingtype",
    "orderTollFree": ORDER,
    "cancelDID": "did*:number cancelcomment portout:flag test:flag",
    "getDIDsInfo": "client did",
    "setDIDInfo": f"did*:number {ROUTE_OF_DID} port_out_pin billing_type*:one_or_two!billingtype"
    " record_calls:flag transcribe:flag transcription_locale transcription_email"
    " transcription_start_delay voicemail_threshold inbound_dialing_mode transcription_redaction"
    " transcription_summary transcription_sentiment sms_sipaccount_enabled:flag sms_sipaccount",
    "setDIDRouting": "did*:number routing*:routing",
    "setDIDPOP": "did*:number pop*:whole!serverpop",
    "setDIDBillingType": "did*:number billing_type*:one_or_two!billingtype",
    "setDIDVoicemail": "did*:number voicemail",
    "getPortability": "did*:number",
    # Forwardings, mailboxes, fax numbers
    "getForwardings": "forwarding:whole",
    "setForwarding": "forwarding:whole phone_number*:number!phonenumber callerid_override:number"
    "!callerid description dtmf_digits:whole pause diversion_header:one_or_zero",
    "delForwarding": "forwarding*:whole",
    "createVoicemail": f"digits*:whole {MAILBOX}",
    "setVoicemail": f"mailbox*:whole {MAILBOX}",
    "delVoicemail": "mailbox*:whole",
    "getVoicemails": "mailbox client",
    "getFaxNumbersInfo": "did:number",
    "getFaxProvinces": "province",
    "getFaxStates": "state",
    "getFaxRateCentersCAN": "province*",
    "getFaxRateCentersUSA": "state*",
    "searchFaxAreaCodeCAN": "area_code*:whole",
    "searchFaxAreaCodeUSA": "area_code*:whole",
    "orderFaxNumber": f"location*:whole quantity*:whole {FAX_EMAIL} {FAX_CALLBACK} test:flag",
    "cancelFaxNumber": "id*:whole test:flag",
    "getFaxNumbersPortability": "did*:number",
    "setFaxNumberInfo": f"did*:number {FAX_EMAIL} {FAX_CALLBACK} note"
    " fax_to_sip_enabled:flag fax_to_sip_enabled_account test:flag",
    "setFaxNumberEmail": f"did*:number {FAX_EMAIL} test:flag",
    "setFaxNumberURLCallback": f"did*:number {FAX_CALLBACK} test:flag",
    "getEmailToFax": "id:whole",
    "setEmailToFax": "id:whole enabled:one_or_zero auth_email*:email!email"
    " from_number_id*:whole!from_number security_code_enabled:one_or_zero security_code* test:flag",
    "delEmailToFax": "id*:whole test:flag",
    "sendFaxMessage": "to_number*:number from_name* from_number*:number send_email_enabled:flag"
    " send_email:email!email station_id file* test:flag",
    "getFaxMessages": "from:day!date to:day!date folder id:whole",
    "getFaxMessagePDF": "id*:whole",
    "mailFaxMessagePDF": "id*:whole email*:email",
    "moveFaxMessage": "fax_id*:whole folder_id*:whole test:flag",
    "deleteFaxMessage": "id*:whole test:flag",
    "getFaxFolders": "id:whole",
    "setFaxFolder": "id:whole!folder_id name* test:flag",
    "delFaxFolder": "id*:whole!folder_id test:flag",
    "connectFAX": CONNECT,
    "unconnectFAX": "did*:number",
    # Porting
    "addLNPPort": "portType*:whole!porttype numbers* isPartial:one_or_zero locationType:one_or_zero"
    " isMobile:one_or_zero pin btn services tfType:whole statementName*!statementname"
    " firstName*!firstname lastName*!lastname address1* address2 city* zip* state* country*"
    " providerName*!providername providerAccount*!provideraccount notes imei",
    "addLNPFile": "portid*:whole file*",
    "getLNPStatus": "portid*:whole",
    "getLNPNotes": "portid*:whole",
    "getLNPListStatus": "",
    "getLNPList": "portid:whole portStatus startDate:day endDate:day",
    # Messages
    "sendSMS": "did*:number dst*:contact message*!sms",
    "sendMMS": "did*:number dst*:contact message!sms media1 media2 media3",
    "getSMS": f"sms:whole {MESSAGES}",
    "getMMS": f"mms:whole {MESSAGES}",
    "getMediaMMS": "id*:whole media_as_array:flag",
    "deleteSMS": "id*:whole",
    "deleteMMS": "id*:whole",
    "setSMS": "did*:number enable*:one_or_zero email_enabled:one_or_zero!email_enable"
    " email_address:emails!email sms_forward_enable:one_or_zero!forward_enable"
    " sms_forward:number url_callback_enable:one_or_zero!callback_enable"
    " url_callback:web_address!callback url_callback_retry:one_or_zero!callback_retry"
    " sms_sipaccount sms_sipaccount_enabled:flag webhook_enable:flag webhook dialmode:one_or_two"
    " smpp_enabled:flag smpp_url smpp_user smpp_pass",
}  # fmt: skip

# Where the word for an absent or bad value does not follow from the parameter's name.
MISSING = {"dst": "missing_did", "url_callback": "missing_callback"}
INVALID = {
    "from_date": "invalid_date", "to_date": "invalid_date", "routing": "invalid_routing_header",
    "failover_busy": "invalid_failover_header", "failover_noanswer": "invalid_failover_header",
    "failover_unreachable": "invalid_failover_header",
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter of one method."""

    name: str
    required: bool
    fits: kinds.Kind
    missing: str
    invalid: str


def _read(token: str) -> Parameter:
    match = re.fullmatch(r"(\w+)(\*?)(?::(\w+))?(?:!(\w+))?", token)
    if match is None:
        raise ValueError(f"not a parameter: {token}")
    name, star, kind, word = match.groups()
    word = word or name
    return Parameter(
        name,
        bool(star),
        getattr(kinds, kind or "anything"),
        MISSING.get(word, f"missing_{word}"),
        INVALID.get(word, f"invalid_{word}"),
    )


PARAMETERS = {name: tuple(_read(t) for t in text.split()) for name, text in METHODS.items()}
