"""No spelling of a private address, and no change of mind of a name, gets a connection."""

from __future__ import annotations

import pytest

from portal.core.http import Forbidden, Outgoing, OutgoingError, Unreachable, is_public
from tests.carriers import faults
from tests.carriers.faults import FaultServer

SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0",
    "0.0.0.0",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "①②⑦.⓪.⓪.①",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_an_address_that_is_not_public_is_called(host: str) -> None:
    with FaultServer(faults.answer("secret")) as server:
        with pytest.raises(OutgoingError) as caught:
            Outgoing().call(
                "GET", f"https://{host}:{server.port}/", purpose="test", deadline_seconds=3
            )

        # A spelling that the system's resolver does not know is as good as refused.
        assert isinstance(caught.value, Forbidden | Unreachable)
        assert not caught.value.maybe_sent
        assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//example.com/",
        "example.com",
        "https://",
        "https://user:word@example.com/",
        "https://example.com@127.0.0.1/",
        "https://exa mple.com/",
        "",
    ],
)
def test_only_https_to_a_plain_host_is_an_address(url: str) -> None:
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with pytest.raises(Forbidden) as caught:
        Outgoing(resolver=resolver).call("GET", url, purpose="test")

    assert not caught.value.maybe_sent
    assert asked == [], "refused for what it says, before anybody looks it up"


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%lo"],
        ["not an address"],
    ],
)
def test_a_public_name_with_any_private_address_is_refused(answers: list[str]) -> None:
    with pytest.raises(Forbidden):
        Outgoing(resolver=lambda _host, _port: answers).call(
            "GET", "https://rebind.example/", purpose="test"
        )


def test_a_name_that_changes_its_mind_is_asked_once_and_called_where_it_was_checked() -> None:
    answers = [["127.0.0.1"], ["127.0.0.99"], ["127.0.0.98"]]
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with FaultServer(faults.answer("fine")) as server:
        outgoing = Outgoing(allow_private=["rebind.example"], resolver=resolver)
        url = f"http://rebind.example:{server.port}/"

        assert outgoing.call("GET", url, purpose="test").text() == "fine"
        assert asked == ["rebind.example"]


def test_the_operator_allows_one_port_of_a_host_and_no_other() -> None:
    with FaultServer(faults.answer("fine")) as server:
        outgoing = Outgoing(allow_private=[f"127.0.0.1:{server.port}"])

        assert outgoing.call("GET", server.url, purpose="test").text() == "fine"
        with pytest.raises(Forbidden):
            outgoing.call("GET", f"http://127.0.0.1:{faults.dead_port()}/", purpose="test")


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "2606:4700::1111"],
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)
