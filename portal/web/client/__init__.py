"""The client blueprint."""

from portal.web.client import balance as balance
from portal.web.client import calls as calls
from portal.web.client import consents as consents
from portal.web.client import contact_groups as contact_groups
from portal.web.client import contacts as contacts
from portal.web.client import conversations as conversations
from portal.web.client import dashboard as dashboard
from portal.web.client import export as export
from portal.web.client import fax_files as fax_files
from portal.web.client import fax_folders as fax_folders
from portal.web.client import fax_numbers as fax_numbers
from portal.web.client import fax_sending as fax_sending
from portal.web.client import faxes as faxes
from portal.web.client import live as live
from portal.web.client import message_files as message_files
from portal.web.client import message_templates as message_templates
from portal.web.client import messages as messages
from portal.web.client import messages_bulk as messages_bulk
from portal.web.client import messages_later as messages_later
from portal.web.client import notices as notices
from portal.web.client import profile as profile
from portal.web.client import second_step as second_step
from portal.web.client import statements as statements
from portal.web.client import sub_accounts as sub_accounts
from portal.web.client import team as team
from portal.web.client.blueprint import bp as bp
