"""Settings, read once from the environment; refuses to start half configured."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

# The kernel takes 107 bytes for a socket's path; longer ones move to the temporary folder.
_LONGEST_SOCKET_PATH_BYTES = 100
_KEY_BYTES = 32
_HOST = re.compile(r"(?=.{1,189}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
# What a running installation tells commands that are started beside it (instance/run.json).
_TOLD_BY_THE_RUNNING = (
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "PORTAL_URL",
    "PORTAL_EVALUATION",
    "PORTAL_DEMO",
    "PORTAL_ALLOW_PRIVATE",
    "PORTAL_FAX_MAIL_HOST",
    "PORTAL_FAX_MAIL_BIND",
    "PORTAL_FAX_MAIL_PORT",
)


class ConfigError(Exception):
    """A setting is missing or wrong; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server: ``tls`` from the first byte, ``starttls`` after the greeting."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    starttls: bool = False


@dataclass(frozen=True, slots=True)
class FaxMail:
    """Where mails for faxes arrive: ``host`` is what stands behind the @ of their addresses."""

    host: str
    bind: str
    port: int


@dataclass(frozen=True, slots=True)
class HostnameFee:
    """What the operator asks of a reseller, once, for a host name of its own."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator decides. Read with ``Settings.from_environment()``.

    ``evaluation`` allows plain http and loopback names; ``demo`` implies it. ``allow_private`` names
    hosts, ``host:port`` pairs and networks of private addresses that outgoing requests may reach;
    ``callbacks_private`` those that a client's own callback may.
    ``dns_servers`` are addresses with ports; empty means the machine's own. ``public_address`` is where
    resellers' host names must lead: addresses or names, the host of ``portal_url`` by default.
    ``practice_payments``: a page of ours may play the gateway. ``paypal_url`` stands in for PayPal's
    own addresses, in tests; empty otherwise.
    ``stripe_url`` is Stripe's own address, but for tests.
    ``encryption_keys`` are 256-bit keys by id; ``current_key`` is the id that seals.
    """

    instance: Path
    bind: str
    port: int
    portal_url: str
    evaluation: bool
    demo: bool
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    own_redis: bool
    secret_key: str = field(repr=False)
    encryption_keys: Mapping[str, bytes] = field(repr=False)
    current_key: str
    allow_private: frozenset[str]
    callbacks_private: frozenset[str]
    dns_servers: tuple[tuple[str, int], ...]
    public_address: tuple[str, ...]
    hostname_fee: HostnameFee | None
    practice_payments: bool
    paypal_url: str
    stripe_url: str
    fax_mail: FaxMail | None
    smtp: Smtp | None
    mail_from: str
    trusted_proxies: int
    web_workers: int
    web_threads: int
    job_workers: int
    outside_workers: int
    outside_seconds: int
    live_streams: int
    second_step: str  # offered, or required of: staff, everybody
    log_level: str
    log_human: bool

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check every setting; raises ConfigError with a sentence.

        Makes the instance folder and the keys when they do not exist yet. Settings that are not in
        the environment come from ``portal.env`` in the instance, then from the running installation.
        """
        given = dict(os.environ if environ is None else environ)
        instance = Path(given.get("PORTAL_INSTANCE") or PROJECT / "instance").absolute()
        given = _file_environment(instance) | running_environment(instance) | _set(given)
        port = _integer(given, "PORT", 8000, least=1, most=65_535)
        demo = _flag(given, "PORTAL_DEMO")
        evaluation = demo or _flag(given, "PORTAL_EVALUATION")
        smtp = _smtp(given)
        _make_private_folder(instance)
        database_url = _database_url(given, instance)
        ring, current = _encryption_keys(given, instance, database_url)
        return cls(
            instance=instance,
            bind=given.get("PORTAL_BIND", "127.0.0.1"),
            port=port,
            portal_url=_portal_url(given, port),
            evaluation=evaluation,
            demo=demo,
            database_url=database_url,
            redis_url=_redis_url(given, instance),
            own_redis=_is_own_redis(given, instance),
            secret_key=_secret_key(given, instance),
            encryption_keys=ring,
            current_key=current,
            allow_private=_allow_private(given, "PORTAL_ALLOW_PRIVATE"),
            callbacks_private=_allow_private(given, "PORTAL_CALLBACKS_PRIVATE"),
            dns_servers=_dns_servers(given),
            public_address=_public_address(given, port),
            hostname_fee=_hostname_fee(given),
            practice_payments=_practice_payments(given, demo=demo, evaluation=evaluation),
            paypal_url=given.get("PORTAL_PAYPAL_URL", "").rstrip("/"),
            stripe_url=given.get("PORTAL_STRIPE_URL", "https://api.stripe.com").rstrip("/"),
            fax_mail=_fax_mail(given),
            smtp=smtp,
            mail_from=_mail_from(given, smtp),
            trusted_proxies=_integer(given, "PORTAL_TRUSTED_PROXIES", 0, least=0, most=5),
            web_workers=_integer(given, "PORTAL_WEB_WORKERS", 2, least=1, most=64),
            web_threads=_integer(given, "PORTAL_WEB_THREADS", 16, least=2, most=256),
            job_workers=_integer(given, "PORTAL_JOB_WORKERS", 1, least=1, most=64),
            outside_workers=_integer(given, "PORTAL_OUTSIDE_WORKERS", 1, least=1, most=16),
            outside_seconds=_integer(given, "PORTAL_OUTSIDE_SECONDS", 10, least=1, most=30),
            live_streams=_integer(given, "PORTAL_LIVE_STREAMS", 250, least=0, most=900),
            second_step=_one_of(given, "PORTAL_SECOND_STEP", ("offered", "staff", "everybody")),
            log_level=_one_of(given, "PORTAL_LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            log_human=_log_human(given),
        )

    @property
    def https(self) -> bool:
        """Do browsers reach the portal over https? Decides cookies and HSTS."""
        return self.portal_url.startswith("https://")

    @property
    def session_cookie(self) -> str:
        """The session cookie's name: prefixed over https, where browsers honour the prefix."""
        return "__Host-session" if self.https else "session"

    @property
    def portal_host(self) -> str:
        """The host name in ``portal_url``, without the port."""
        return urlsplit(self.portal_url).hostname or ""

    @property
    def known_hosts(self) -> frozenset[str]:
        """Host names that are the installation's own; resellers' names come from the database."""
        return frozenset({self.portal_host}) | (LOOPBACK_NAMES if self.evaluation else frozenset())

    @property
    def secure_cookies(self) -> bool:
        """May cookies say Secure? Only over https, or browsers would drop them."""
        return self.https

    @property
    def redis_socket(self) -> Path | None:
        """The socket's path when Redis is the private one that the supervisor starts."""
        return Path(urlsplit(self.redis_url).path) if self.own_redis else None

    def require_servable(self) -> None:
        """Raise ConfigError unless these settings may face users."""
        if not self.https and not self.evaluation:
            raise ConfigError(
                f"PORTAL_URL is {self.portal_url}: passwords would travel in the clear. Put the portal"
                " behind https and set PORTAL_URL=https://…, or set PORTAL_EVALUATION=1 to try it out."
            )


def running_environment(instance: Path) -> dict[str, str]:
    """Settings of the installation that runs in this folder; empty when none does."""
    environment: dict[str, str] = (read_run_file(instance) or {}).get("environment", {})
    return {name: environment[name] for name in _TOLD_BY_THE_RUNNING if name in environment}


def read_run_file(instance: Path) -> dict[str, Any] | None:
    """What the supervisor of this folder tells (pid, url, parts, environment); None without one.

    ``parts`` maps each part's name to its ``pid``, ``state`` (up, restarting) and ``restarts``.
    """
    try:
        with (instance / "run.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None  # nobody holds it: a killed supervisor left its file behind
    except BlockingIOError:
        pass
    except OSError:
        return None
    try:
        told: dict[str, Any] = json.loads((instance / "run.json").read_text())
    except (OSError, ValueError):
        return None
    return told


def _set(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in given.items() if value.strip()}


def _file_environment(instance: Path) -> dict[str, str]:
    path = instance / "portal.env"
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ConfigError(f"Line {number} of {path} is not NAME=value.")
        found[name.strip()] = value.strip().strip("\"'")
    return _set(found)


def _flag(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "0").lower()
    if value not in {"0", "1", "no", "yes", "false", "true", "off", "on"}:
        raise ConfigError(f"{name} is {value!r}; write 1 or 0.")
    return value in {"1", "yes", "true", "on"}


def _integer(given: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    value = given.get(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ConfigError(f"{name} is {value!r}; write a whole number from {least} to {most}.")
    return int(value)


def _one_of(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = given.get(name, choices[0])
    if value not in choices:
        raise ConfigError(f"{name} is {value!r}; write one of {', '.join(choices)}.")
    return value


def _log_human(given: Mapping[str, str]) -> bool:
    """JSON lines for programs; sentences when a person looks at a terminal."""
    chosen = _one_of(given, "PORTAL_LOG_FORMAT", ("auto", "json", "human"))
    return chosen == "human" or (chosen == "auto" and sys.stdout.isatty())


def _practice_payments(given: Mapping[str, str], *, demo: bool, evaluation: bool) -> bool:
    """The gateway that is a page of ours: whoever presses its button has money."""
    wanted = (
        _flag(given, "PORTAL_PRACTICE_PAYMENTS") if "PORTAL_PRACTICE_PAYMENTS" in given else demo
    )
    if wanted and not evaluation:
        raise ConfigError(
            "PORTAL_PRACTICE_PAYMENTS is on, and money would be made of nothing. Leave it out, or set"
            " PORTAL_EVALUATION=1 to try the portal out."
        )
    return wanted


def _portal_url(given: Mapping[str, str], port: int) -> str:
    url = given.get("PORTAL_URL", f"http://127.0.0.1:{port}").rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError(
            f"PORTAL_URL is {url!r}; write the address as people type it, like"
            " https://portal.example.com, without a path."
        )
    return url


def _database_url(given: Mapping[str, str], instance: Path) -> str:
    """Name the driver: other versions of the database layer read a bare name differently."""
    url = given.get("DATABASE_URL")
    if not url:
        return f"sqlite:///{instance / 'portal.sqlite3'}"
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{rest}"
    if separator and scheme in {"sqlite", "sqlite+pysqlite"}:
        if not rest.startswith("//") or ":memory:" in rest:
            raise ConfigError(
                "DATABASE_URL names a SQLite database that is no absolute file; several processes"
                " share it, so write sqlite:////folder/file.sqlite3."
            )
        return f"sqlite://{rest}"
    raise ConfigError(
        f"DATABASE_URL begins with {scheme!r}; the portal speaks PostgreSQL (postgresql://…) and"
        " SQLite (sqlite:////…)."
    )


def _redis_url(given: Mapping[str, str], instance: Path) -> str:
    url = given.get("REDIS_URL") or _own_redis_url(instance)
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ConfigError("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return url


def _is_own_redis(given: Mapping[str, str], instance: Path) -> bool:
    return given.get("REDIS_URL") in {None, _own_redis_url(instance)}


def _own_redis_url(instance: Path) -> str:
    path = instance / "redis" / "redis.sock"
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH_BYTES:
        name = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"ringfront-{os.getuid()}-{name}" / "redis.sock"
    return f"unix://{path}"


def _make_private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"The instance folder {folder} cannot be made: {error}.") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError(f"The instance folder {folder} cannot be written.")


def _secret_key(given: Mapping[str, str], instance: Path) -> str:
    key = given.get("PORTAL_SECRET_KEY") or _kept(instance, "secret.key", secrets.token_urlsafe(48))
    if len(key) < _KEY_BYTES:
        raise ConfigError(f"PORTAL_SECRET_KEY is shorter than {_KEY_BYTES} characters.")
    return key


def _encryption_keys(
    given: Mapping[str, str], instance: Path, database_url: str
) -> tuple[dict[str, bytes], str]:
    """Keys as ``id:base64`` words; the first one seals, the others only unseal."""
    text = given.get("PORTAL_ENCRYPTION_KEYS")
    if not text:
        kept = instance / "keys" / "encryption.keys"
        database = Path(database_url.removeprefix("sqlite:///"))
        if not kept.exists() and database_url.startswith("sqlite") and database.exists():
            raise ConfigError(
                f"There is a database but {kept} is gone. Restore it from the backup: without it"
                " the passwords kept for carriers cannot be read."
            )
        fresh = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        text = _kept(instance, "encryption.keys", f"1:{fresh}")
    ring: dict[str, bytes] = {}
    for word in text.replace(",", " ").split():
        key_id, _, encoded = word.partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded)
        except ValueError:
            key = b""
        if not key_id or len(key) != _KEY_BYTES or key_id in ring:
            raise ConfigError("An encryption key is not id:base64 of 32 bytes, or its id is twice.")
        ring[key_id] = key
    return ring, next(iter(ring))


def _kept(instance: Path, name: str, fresh: str) -> str:
    """The content of a key file; ``fresh`` is written once, by whichever process is first."""
    folder = instance / "keys"
    _make_private_folder(folder)
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"Others may read {path}. Run: chmod 600 {path}")
    content = path.read_text().strip()
    if not content:
        raise ConfigError(f"{path} is empty. Restore it from the backup.")
    return content


def _allow_private(given: Mapping[str, str], name: str) -> frozenset[str]:
    words = given.get(name, "").replace(",", " ").split()
    for word in words:
        if "/" not in word:
            continue
        try:
            ip_network(word)
        except ValueError as error:
            raise ConfigError(f"{name}: {word!r} is no network: {error}.") from error
    return frozenset(word.lower() for word in words)


def _dns_servers(given: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    found = []
    for word in given.get("PORTAL_DNS_SERVERS", "").replace(",", " ").split():
        host, _, port = word.rpartition(":") if word.count(":") == 1 else (word, "", "53")
        try:
            found.append((str(ip_address(host.strip("[]"))), int(port)))
        except ValueError as error:
            raise ConfigError(
                f"PORTAL_DNS_SERVERS: {word!r} is no address; write 192.0.2.53 or 192.0.2.53:5353."
            ) from error
    return tuple(found)


def _public_address(given: Mapping[str, str], port: int) -> tuple[str, ...]:
    words = given.get("PORTAL_PUBLIC_ADDRESS", "").replace(",", " ").lower().split()
    return tuple(words) or (urlsplit(_portal_url(given, port)).hostname or "",)


def _hostname_fee(given: Mapping[str, str]) -> HostnameFee | None:
    """An amount with or without a currency: ``10.00`` is US dollars, as the carrier's prices are."""
    amount, _, currency = given.get("PORTAL_HOSTNAME_FEE", "0").partition(" ")
    try:
        fee = HostnameFee(Decimal(amount), currency.strip().upper() or "USD")
        good = fee.amount.is_finite() and 0 <= fee.amount <= 100_000 and len(fee.currency) == 3
    except InvalidOperation:
        good = False
    if not good:
        raise ConfigError("PORTAL_HOSTNAME_FEE is no amount; write it like 10.00 or 10.00 CAD.")
    return fee if fee.amount else None


def _fax_mail(given: Mapping[str, str]) -> FaxMail | None:
    """Off without a host name; the operator's mail server hands over what comes for it."""
    host = given.get("PORTAL_FAX_MAIL_HOST", "").lower()
    if not host:
        return None
    if not _HOST.fullmatch(host):
        raise ConfigError(f"PORTAL_FAX_MAIL_HOST is {host!r}; write a name like fax.example.com.")
    return FaxMail(
        host=host,
        bind=given.get("PORTAL_FAX_MAIL_BIND", "127.0.0.1"),
        port=_integer(given, "PORTAL_FAX_MAIL_PORT", 2525, least=0, most=65_535),
    )


def _smtp(given: Mapping[str, str]) -> Smtp | None:
    url = given.get("PORTAL_SMTP_URL")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        default_port = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}[parts.scheme]
        port, host = parts.port or default_port, parts.hostname
    except (ValueError, KeyError):
        host = None
    if not host:
        raise ConfigError(
            "PORTAL_SMTP_URL must look like smtps://user:password@host, smtp+starttls://… or smtp://…."
        )
    return Smtp(
        host=host,
        port=port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=parts.scheme == "smtp+starttls",
    )


def _mail_from(given: Mapping[str, str], smtp: Smtp | None) -> str:
    sender = given.get("PORTAL_MAIL_FROM", "")
    if smtp is not None and "@" not in sender:
        raise ConfigError("PORTAL_SMTP_URL is set but PORTAL_MAIL_FROM is not an e-mail address.")
    return sender or "portal@localhost.invalid"
