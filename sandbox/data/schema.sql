CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS resellers (
  id INTEGER PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  api_username TEXT NOT NULL UNIQUE,
  api_password TEXT NOT NULL,
  api_enabled INTEGER NOT NULL DEFAULT 1,
  allow_ips TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  balance_e8 INTEGER NOT NULL DEFAULT 0,
  auto_recharge INTEGER NOT NULL DEFAULT 1,
  limit_per_minute INTEGER,
  messages_per_day INTEGER,
  texts_per_day REAL NOT NULL DEFAULT 0,
  zone TEXT NOT NULL DEFAULT 'America/Toronto'
);

CREATE TABLE IF NOT EXISTS sub_accounts (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  account TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  fields TEXT NOT NULL,
  profile TEXT NOT NULL DEFAULT '{}',
  old_passwords TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS sub_accounts_owner ON sub_accounts (reseller_id);

CREATE TABLE IF NOT EXISTS dids (
  did TEXT PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  fields TEXT NOT NULL,
  sms_set_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS dids_owner ON dids (reseller_id);

CREATE TABLE IF NOT EXISTS contacts (
  reseller_id INTEGER NOT NULL,
  number TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  replies TEXT NOT NULL DEFAULT '[]',
  delay_seconds REAL NOT NULL DEFAULT 4,
  did TEXT NOT NULL DEFAULT '',
  delivery TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (reseller_id, number)
);

CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  account TEXT NOT NULL,
  client TEXT NOT NULL,
  uniqueid TEXT NOT NULL,
  direction TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  shows_at INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  increment_seconds INTEGER NOT NULL,
  rate_e8 INTEGER NOT NULL,
  total_e8 INTEGER NOT NULL,
  first_seconds INTEGER,
  first_total_e8 INTEGER,
  corrects_at INTEGER,
  callerid TEXT NOT NULL,
  destination TEXT NOT NULL,
  description TEXT NOT NULL,
  disposition TEXT NOT NULL,
  destination_type TEXT NOT NULL,
  did TEXT NOT NULL,
  pair TEXT NOT NULL,
  copy_of INTEGER,
  cause TEXT NOT NULL,
  recorded_seconds INTEGER
);
CREATE INDEX IF NOT EXISTS calls_time ON calls (reseller_id, started_at);
CREATE INDEX IF NOT EXISTS calls_account ON calls (reseller_id, account, started_at);
CREATE INDEX IF NOT EXISTS calls_uniqueid ON calls (uniqueid);

CREATE TABLE IF NOT EXISTS messages (
  row INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  reseller_id INTEGER NOT NULL,
  did TEXT NOT NULL,
  contact TEXT NOT NULL,
  type INTEGER NOT NULL,
  message TEXT NOT NULL,
  at INTEGER NOT NULL,
  carrier_status TEXT NOT NULL,
  settles_at INTEGER,
  media TEXT NOT NULL DEFAULT '[]',
  removed INTEGER NOT NULL DEFAULT 0,
  cause TEXT NOT NULL,
  UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS messages_time ON messages (reseller_id, at);

CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY,
  message_row INTEGER NOT NULL,
  channel TEXT NOT NULL,
  url TEXT NOT NULL,
  due_at REAL NOT NULL,
  repeat INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  last_answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (done, due_at);

CREATE TABLE IF NOT EXISTS transactions (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  uniqueid TEXT NOT NULL,
  type TEXT NOT NULL,
  description TEXT NOT NULL,
  amount_e8 INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS transactions_time ON transactions (reseller_id, at);

CREATE TABLE IF NOT EXISTS clients (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  fields TEXT NOT NULL,
  threshold INTEGER NOT NULL DEFAULT 0,
  threshold_email TEXT NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS client_entries (
  id INTEGER PRIMARY KEY,
  client_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  amount_e8 INTEGER NOT NULL,
  description TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS packages (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  fields TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS locations (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  name TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS forwardings (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  fields TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS voicemails (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  mailbox TEXT NOT NULL,
  fields TEXT NOT NULL,
  UNIQUE (reseller_id, mailbox)
);

CREATE TABLE IF NOT EXISTS fax_numbers (
  did TEXT PRIMARY KEY,
  id INTEGER NOT NULL,
  reseller_id INTEGER NOT NULL,
  fields TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS media (
  token TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  body BLOB NOT NULL,
  ready_at REAL NOT NULL,
  ends_at REAL
);

CREATE TABLE IF NOT EXISTS faxes (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  direction TEXT NOT NULL,
  did TEXT NOT NULL,
  other TEXT NOT NULL,
  name TEXT NOT NULL,
  station_id TEXT NOT NULL,
  folder_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  begins_at REAL NOT NULL,
  ends_at REAL NOT NULL,
  shows_at REAL NOT NULL,
  sent_pages INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  status TEXT NOT NULL,
  message TEXT NOT NULL,
  rate_e8 INTEGER NOT NULL,
  total_e8 INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  cause TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS faxes_time ON faxes (reseller_id, at);
CREATE INDEX IF NOT EXISTS faxes_due ON faxes (settled, ends_at);

CREATE TABLE IF NOT EXISTS fax_files (
  fax_id INTEGER PRIMARY KEY,
  body BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS fax_folders (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (reseller_id, name)
);

CREATE TABLE IF NOT EXISTS fax_machines (
  number TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  behaviour TEXT NOT NULL,
  page INTEGER NOT NULL,
  fails INTEGER NOT NULL,
  seconds_per_page INTEGER NOT NULL,
  calls INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS fax_mails (
  id INTEGER PRIMARY KEY,
  fax_id INTEGER NOT NULL,
  email TEXT NOT NULL,
  at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS mail_senders (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  fields TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS ports (
  id INTEGER PRIMARY KEY,
  reseller_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  fields TEXT NOT NULL
);
