"""etc/nftables.d/payapi.nft: nft takes it, and one address cannot have all connections.

In a network of the test's own (unshare), which needs no rights where the kernel lets users have one.
"""
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "etc/nftables.d/payapi.nft"
NFT = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin:/bin")
OWN_NETWORK = ["unshare", "-Urn"]

ATTACK = """
import fcntl, socket, struct, sys
sys.path.insert(0, sys.argv[1])
from half_open import is_established, start_heads
from payapi_instance import wait_until

server = socket.socket()
fcntl.ioctl(server, 0x8914, struct.pack("16sh", b"lo", 1))      # SIOCSIFFLAGS: the loopback device is up
server.bind(("0.0.0.0", 443))
server.listen(4096)
strangers = start_heads(443, 600, "127.0.0.2")
others = start_heads(443, 6, "127.0.0.3")
wait_until(lambda: all(map(is_established, others)), what="those of another address")
open_now = sum(map(is_established, strangers))
assert 100 <= open_now <= 201, open_now
print("open:", open_now)
"""


def in_own_network(*command, **options):
    return subprocess.run([*OWN_NETWORK, *command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


@pytest.fixture(scope="module", autouse=True)
def nft():
    if NFT is None:
        pytest.skip("there is no nft (Debian: nftables)")
    said = in_own_network(NFT, "list", "ruleset")
    if said.returncode != 0:
        pytest.skip(f"no network of one's own here: {said.stdout}")


def test_nft_takes_the_rules():
    said = in_own_network(NFT, "-c", "-f", RULES)
    assert (said.returncode, said.stdout) == (0, "")


def test_loading_them_again_replaces_them(tmp_path):
    said = in_own_network("sh", "-ec", f"{NFT} -f {RULES}; {NFT} list ruleset >a; {NFT} -f {RULES};"
                          f" {NFT} list ruleset | cmp a -", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (0, "")


def test_one_address_gets_so_many_connections_and_others_theirs():
    said = in_own_network("sh", "-ec", f"{NFT} -f {RULES}; exec {sys.executable} -c \"$0\" \"$1\"",
                          ATTACK, ROOT / "tests/support")
    assert said.returncode == 0, said.stdout
