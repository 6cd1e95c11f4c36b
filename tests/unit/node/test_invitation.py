"""An invitation brings bob to alice, however it was copied; a damaged one says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.identity import clean_name, encode_id
from p2pdm.net.links import Address
from p2pdm.node.invitation import MAX_ADDRESSES, MAX_LINK, Invitation, InvitationError, read_address, read_invitation
from tests.unit.cast import ALICE

ID = encode_id(ALICE.id)
hosts = st.one_of(
    st.ip_addresses().filter(lambda ip: not (ip.is_multicast or ip.is_unspecified or int(ip) == 2**32 - 1)).map(str),
    st.just("fe80::1%eth0"),
)
invitations = st.builds(
    Invitation,
    st.just(ALICE.id),
    st.text(max_size=64).map(clean_name),
    st.lists(st.builds(Address, hosts, st.integers(1, 65_535)), max_size=MAX_ADDRESSES).map(tuple),
)


@given(invitations)
def test_bob_reads_what_alice_wrote(invitation: Invitation) -> None:
    link = str(invitation)
    assert len(link) <= MAX_LINK
    assert link.isascii()
    assert not set(link) & set(' "<>\\^`{}|\n'), "mail programs take it as one link"
    assert read_invitation(link) == invitation


def test_an_invitation_looks_like_one() -> None:
    link = str(Invitation(ALICE.id, "Alice & Bob", (Address("10.0.0.7", 53530), Address("fe80::7%eth0", 1))))
    assert link == f"p2pdm:{ID}?n=Alice%20%26%20Bob&a=10.0.0.7:53530&a=[fe80::7%25eth0]:1"


@pytest.mark.parametrize("link", [f"p2pdm:{ID}", f" P2PDM:{ID.upper()}?\n", f"p2pdm:{ID}?later=more&n="])
def test_a_bare_key_is_an_invitation(link: str) -> None:
    assert read_invitation(link) == Invitation(ALICE.id, "", ())


def test_a_name_in_a_link_is_cleaned_as_any_other() -> None:
    assert read_invitation(f"p2pdm:{ID}?n=%E2%80%AEAl%0Aice&n=Bob").name == "Al ice"


def test_more_addresses_than_that_are_left_out() -> None:
    many = "&".join(f"a=10.0.0.{number}:1" for number in range(1, 20))
    assert len(read_invitation(f"p2pdm:{ID}?{many}").addresses) == MAX_ADDRESSES


@pytest.mark.parametrize(
    "link",
    [
        "",
        "p2pdm:",
        "hello",
        f"http:{ID}",
        f"p2pdm:{ID[:-1]}",
        f"p2pdm:{ID}x",
        f"p2pdm:{ID[:-1]}1",
        f"p2pdm:{ID}?a=alice.example:1",
        f"p2pdm:{ID}?" + "a=10.0.0.1:1&" * 40,
        f"p2pdm:{ID}?n=" + "x" * MAX_LINK,
    ],
)
def test_what_is_no_invitation_says_so(link: str) -> None:
    with pytest.raises(InvitationError):
        read_invitation(link)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("10.0.0.7:53530", "10.0.0.7", 53530),
        ("[fe80::7%eth0]:1", "fe80::7%eth0", 1),
        ("[::1]:65535", "::1", 65535),
        ("[fe80::7%12]:80", "fe80::7%12", 80),
    ],
)
def test_addresses_as_people_type_them(text: str, host: str, port: int) -> None:
    assert read_address(text) == Address(host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "10.0.0.7",
        "10.0.0.7:",
        "10.0.0.7:0",
        "10.0.0.7:65536",
        "10.0.0.7:-1",
        "10.0.0.7:+80",
        "10.0.0.7:8_0",
        "10.0.0.7: 80",
        "10.0.0.7:٨٠",
        "10.0.0.7:" + "9" * 5_000,
        "10.0.0.07:80",
        "alice:80",
        "::1:80",
        "fe80::7:53530",
        "[10.0.0.7]:80",
        "[::1:80",
        "::1]:80",
        "[[::1]]:80",
        "[fe80::7%]:80",
        "[fe80::7%e\nth0]:80",
        "[fe80::7%" + "x" * 40 + "]:80",
        "0.0.0.0:80",
        "[::]:80",
        "224.0.0.251:5353",
        "[ff02::fb]:5353",
        "255.255.255.255:80",
    ],
)
def test_what_can_be_no_peers_address_says_so(text: str) -> None:
    with pytest.raises(InvitationError, match=r"no address|no port"):
        read_address(text)


@given(
    st.text(max_size=80)
    | st.text(max_size=80).map(lambda text: f"p2pdm:{ID}?{text}")
    | st.lists(st.sampled_from(["n=", "a=", "&", "%", "%ff", "1.2.3.4", ":", "80", "[", "]", "::", ";", "é", "\ud800"]))
    .map("".join)
    .map(lambda text: f"p2pdm:{ID}?{text}")
)
def test_whatever_is_pasted_only_invitation_errors_come_out(link: str) -> None:
    try:
        invitation = read_invitation(link)
    except InvitationError:
        return
    assert read_invitation(str(invitation)) == invitation
