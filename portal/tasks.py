"""Every background task by name: the only words that the queue understands."""

from __future__ import annotations

from dataclasses import dataclass

# The one function that RQ is ever asked to call; its only argument is an outbox row's id.
DOORBELL = "jobs.runtime.answer_the_bell"


@dataclass(frozen=True, slots=True)
class Task:
    """``path`` is the job's dotted name; ``timeout_seconds`` bounds one run.

    ``queue``: "default" for what we and the carrier do; "reports" for what takes minutes; "outside" for
    what waits for a host that a tenant named, "urgent" for what of it somebody waits for.
    ``to_the_end``: when it is given up it can only be tried again, because something waits for it:
    money that is set aside, or rates that are half accepted.
    ``silent_seconds``: how long a run that tells that it lives may be silent; then another begins.
    """

    name: str
    path: str
    queue: str = "default"
    timeout_seconds: int = 60
    to_the_end: bool = False
    silent_seconds: int = 0


IMPORT_CALLS = Task("import_calls", "jobs.calls.import_calls", timeout_seconds=300)
RERATE_UNRATED = Task("rerate_unrated", "jobs.calls.rerate_unrated", timeout_seconds=300)
IMPORT_RECORDINGS = Task(
    "import_recordings", "jobs.recordings.import_recordings", timeout_seconds=600
)
PRICE_ON_PAPER = Task("price_on_paper", "jobs.rating_runs.price_on_paper", "reports", 600)
PRICE_AGAIN = Task(
    "price_again", "jobs.rating_runs.price_again", timeout_seconds=900, to_the_end=True
)
DELIVER_SMS = Task("deliver_sms", "jobs.messaging.deliver_sms", to_the_end=True)
LOOK_UP_MESSAGE = Task("look_up_message", "jobs.messaging.look_up_message", to_the_end=True)
IMPORT_MESSAGES = Task("import_messages", "jobs.messaging.import_messages", timeout_seconds=120)
RELAY_TEXT = Task("relay_text", "jobs.text_relays.relay_text")
CALL_CLIENT = Task("call_client", "jobs.text_relays.call_client", "outside")
RECEIVE_MESSAGE = Task("receive_message", "jobs.messaging.receive_message")
CONVERT_FAX_FILE = Task("convert_fax_file", "jobs.fax.convert_fax_file", "fax", 180)
DRAW_FAX_COVER = Task("draw_fax_cover", "jobs.fax.draw_fax_cover", "fax", 120)
DELIVER_FAX = Task("deliver_fax", "jobs.fax.deliver_fax", "fax_out", 240, to_the_end=True)
LOOK_UP_FAX = Task("look_up_fax", "jobs.fax.look_up_fax", to_the_end=True)
MAKE_FAX_REPORT = Task("make_fax_report", "jobs.fax.make_fax_report", "fax", 120)
RECEIVE_FAX = Task("receive_fax", "jobs.fax.receive_fax", "fax", 240)
FETCH_FAX = Task("fetch_fax", "jobs.fax.fetch_fax", "fax", 240)
IMPORT_FAXES = Task("import_faxes", "jobs.fax.import_faxes", "fax", 120)
FETCH_MEDIA = Task("fetch_media", "jobs.media.fetch_media")
TAKE_IN_FAX_MAIL = Task("take_in_fax_mail", "jobs.fax_mail.take_in_fax_mail", "fax", 120)
FINISH_FAX_MAIL = Task("finish_fax_mail", "jobs.fax_mail.finish_fax_mail")
COPY_FAX = Task("copy_fax", "jobs.fax_mail.copy_fax")
BILL_DUE = Task("bill_due", "jobs.billing.bill_due", timeout_seconds=600)
BILL_CLIENTS = Task("bill_clients", "jobs.billing.bill_clients", timeout_seconds=300)
BILL_CLIENT = Task("bill_client", "jobs.billing.bill_client")
REVIEW_BALANCE = Task("review_balance", "jobs.balances.review_balance")
REVIEW_EXPOSURE = Task("review_exposure", "jobs.exposure.review_exposure")
RUN_TOP_UP = Task("run_top_up", "jobs.top_ups.run_top_up", to_the_end=True)
LOOK_UP_TOP_UP = Task("look_up_top_up", "jobs.top_ups.look_up_top_up", to_the_end=True)
READ_CARD = Task("read_card", "jobs.cards.read_card")
FORGET_CARD = Task("forget_card", "jobs.cards.forget_card")
READ_PAYMENT_MESSAGE = Task(
    "read_payment_message", "jobs.payments.read_payment_message", to_the_end=True
)
LOOK_AT_PAYMENT = Task("look_at_payment", "jobs.payments.look_at_payment")
LOOK_AT_PAYMENTS = Task("look_at_payments", "jobs.payments.look_at_payments", timeout_seconds=300)
REFUND_PAYMENT = Task("refund_payment", "jobs.payments.refund_payment", to_the_end=True)
TELL_OF_TEXT = Task("tell_of_text", "jobs.notices.tell_of_text")
TELL_OF_FAX = Task("tell_of_fax", "jobs.notices.tell_of_fax")
PUSH_NOTICE = Task("push_notice", "jobs.notices.push_notice", "outside")
MAIL_NOTICE = Task("mail_notice", "jobs.notices.mail_notice")
SEND_MAIL = Task("send_mail", "jobs.mail.send_mail", "outside")
SEND_URGENT_MAIL = Task("send_urgent_mail", "jobs.mail.send_urgent_mail", "urgent")
IMPORT_CHARGES = Task("import_charges", "jobs.reconciling.import_charges", timeout_seconds=180)
RECONCILE = Task("reconcile", "jobs.reconciling.reconcile", "reports", 600)
MEND_RECONCILIATION = Task(
    "mend_reconciliation", "jobs.reconciling.mend_reconciliation", "reports", 600
)
RENDER_REPORT = Task(
    "render_report", "jobs.reports.render_report", "reports", 600, silent_seconds=90
)
ISSUE_INVOICES = Task("issue_invoices", "jobs.invoices.issue_invoices", timeout_seconds=600)
ISSUE_RECEIPTS = Task("issue_receipts", "jobs.invoices.issue_receipts", timeout_seconds=300)
MAKE_PAPER = Task("make_paper", "jobs.invoices.make_paper", "reports", 120)
SEND_REPORTS = Task("send_reports", "jobs.reports.send_reports", "reports", 120)
REFRESH_NUMBERS = Task("refresh_numbers", "jobs.refresh.refresh_numbers", timeout_seconds=180)
REFRESH_RATES = Task("refresh_rates", "jobs.refresh.refresh_rates", timeout_seconds=600)
CHECK_BOOKS = Task("check_books", "jobs.upkeep.check_books", timeout_seconds=600)
PURGE_EXPIRED = Task("purge_expired", "jobs.upkeep.purge_expired", timeout_seconds=300)
RUN_BATCH = Task("run_batch", "jobs.batches.run_batch", timeout_seconds=600)
ANONYMISE_CLOSED = Task("anonymise_closed", "jobs.upkeep.anonymise_closed", timeout_seconds=600)

PUSH_SUB_ACCOUNT = Task("push_sub_account", "jobs.carrier_writes.push_sub_account")
PUSH_PACKAGE_ROUTES = Task("push_package_routes", "jobs.carrier_writes.push_package_routes")
SILENCE_NUMBER = Task("silence_number", "jobs.carrier_writes.silence_number")
PUSH_SMS_CALLBACK = Task("push_sms_callback", "jobs.carrier_writes.push_sms_callback")
WORK_NUMBER_ORDER = Task(
    "work_number_order", "jobs.number_orders.work_number_order", timeout_seconds=300
)
WORK_FAX_PORT = Task("work_fax_port", "jobs.fax_ports.work_fax_port", timeout_seconds=180)
REFRESH_FAX_PORTS = Task(
    "refresh_fax_ports", "jobs.fax_ports.refresh_fax_ports", timeout_seconds=300
)
CREATE_SUB_ACCOUNT = Task("create_sub_account", "jobs.account_orders.create_sub_account")

IMPORT_CONTACTS = Task("import_contacts", "jobs.contacts.import_contacts", timeout_seconds=600)
SEND_LATER = Task("send_later", "jobs.prepared.send_later")
RUN_BULK = Task("run_bulk", "jobs.prepared.run_bulk", timeout_seconds=300, to_the_end=True)

COMPARE_RATES = Task("compare_rates", "jobs.rates.compare_rates", timeout_seconds=300)
APPLY_RATES = Task("apply_rates", "jobs.rates.apply_rates", timeout_seconds=300, to_the_end=True)

ALL: tuple[Task, ...] = (
    IMPORT_CALLS,
    RERATE_UNRATED,
    IMPORT_RECORDINGS,
    PRICE_ON_PAPER,
    PRICE_AGAIN,
    DELIVER_SMS,
    LOOK_UP_MESSAGE,
    IMPORT_MESSAGES,
    RECEIVE_MESSAGE,
    RELAY_TEXT,
    CALL_CLIENT,
    CONVERT_FAX_FILE,
    DRAW_FAX_COVER,
    DELIVER_FAX,
    LOOK_UP_FAX,
    MAKE_FAX_REPORT,
    RECEIVE_FAX,
    FETCH_FAX,
    IMPORT_FAXES,
    FETCH_MEDIA,
    TAKE_IN_FAX_MAIL,
    FINISH_FAX_MAIL,
    COPY_FAX,
    BILL_DUE,
    BILL_CLIENTS,
    BILL_CLIENT,
    REVIEW_BALANCE,
    REVIEW_EXPOSURE,
    RUN_TOP_UP,
    LOOK_UP_TOP_UP,
    READ_CARD,
    FORGET_CARD,
    READ_PAYMENT_MESSAGE,
    LOOK_AT_PAYMENT,
    LOOK_AT_PAYMENTS,
    REFUND_PAYMENT,
    SEND_MAIL,
    SEND_URGENT_MAIL,
    TELL_OF_TEXT,
    TELL_OF_FAX,
    PUSH_NOTICE,
    MAIL_NOTICE,
    IMPORT_CHARGES,
    RECONCILE,
    MEND_RECONCILIATION,
    RENDER_REPORT,
    ISSUE_INVOICES,
    ISSUE_RECEIPTS,
    MAKE_PAPER,
    SEND_REPORTS,
    REFRESH_NUMBERS,
    REFRESH_RATES,
    PUSH_SUB_ACCOUNT,
    PUSH_PACKAGE_ROUTES,
    PUSH_SMS_CALLBACK,
    SILENCE_NUMBER,
    WORK_NUMBER_ORDER,
    WORK_FAX_PORT,
    REFRESH_FAX_PORTS,
    COMPARE_RATES,
    APPLY_RATES,
    CREATE_SUB_ACCOUNT,
    CHECK_BOOKS,
    PURGE_EXPIRED,
    ANONYMISE_CLOSED,
    RUN_BATCH,
    IMPORT_CONTACTS,
    SEND_LATER,
    RUN_BULK,
)
BY_NAME = {task.name: task for task in ALL}
# Files that people wait for come before faxes on their way out.
QUEUES = ("default", "fax", "fax_out", "reports", "urgent", "outside")
