"""Reports: the calls of all clients, statements, and the files made of them."""

from portal.reports import global_cdr as global_cdr
from portal.reports import statement as statement
from portal.reports.files import KEEP_FILES as KEEP_FILES
from portal.reports.files import claim as claim
from portal.reports.files import delete_file as delete_file
from portal.reports.files import fail as fail
from portal.reports.files import find_file as find_file
from portal.reports.files import forget_expired as forget_expired
from portal.reports.files import give_up as give_up
from portal.reports.files import latest as latest
from portal.reports.files import note_progress as note_progress
from portal.reports.files import request_pdf as request_pdf
from portal.reports.files import settle as settle
from portal.reports.files import stored_name as stored_name
from portal.reports.making import MOST_ROWS as MOST_ROWS
from portal.reports.making import write_pdf as write_pdf
from portal.reports.pdf import preload as preload
from portal.reports.reading import chunks as chunks
from portal.reports.table import margin_e4 as margin_e4
from portal.reports.table import plain_cell as plain_cell
from portal.reports.values import Asked as Asked
from portal.reports.values import FileRow as FileRow
from portal.reports.values import FileState as FileState
from portal.reports.values import ReportError as ReportError
from portal.reports.values import ReportKind as ReportKind
