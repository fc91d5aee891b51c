"""The access log of the mock server: a real Merkle tree, so that the console's own check has something to check."""

import base64
import hashlib
import time

from mock_keeping import Refusal
from mock_world import stamp


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def inclusion(index, leaves):
    """From the leaf's sibling upward (RFC 6962)."""
    if len(leaves) < 2:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return inclusion(index, leaves[:half]) + [root(leaves[half:])]
    return inclusion(index - half, leaves[half:]) + [root(leaves[:half])]


class Log:
    def __init__(self, world):
        self.world = world
        self.clear()

    def clear(self):
        self.entries, self.lies, self.witnesses = [], False, []

    def take(self, body):
        """Writes entries, or begins to lie about them."""
        if body.get("clear"):
            self.clear()
        self.lies = body.get("lies", self.lies)
        self.witnesses = body.get("witnesses", self.witnesses)
        for more in body.get("entries", []):
            self.entries.append(
                dict(
                    number=len(self.entries),
                    kind=more.get("kind", "look-begin"),
                    time=stamp(time.time()),
                    facts=more.get("facts", {}),
                    persons=more.get("persons", {}),
                    erased=more.get("erased", False),
                )
            )
        return {}

    def bytes(self, entry):
        facts = "".join(f"{name} {value}\n" for name, value in entry["facts"].items())
        return f"{entry['kind']}/1\nat {entry['number']}\n{facts}".encode()

    def answer(self, parts, query):
        if len(parts) == 1:
            return self.list(query)
        if parts[1] == "head":
            signer = dict(name="mock/access", witness=False, time=stamp(time.time()))
            witness = dict(name="city/access", witness=True, time=stamp(time.time()))
            count = len(self.entries)
            return dict(
                origin="mock/access", entries=count, signedEntries=count, root="00", signers=[signer, witness], keys=[]
            )
        if parts[1] == "witnesses":
            return dict(items=self.witnesses)
        if parts[1] == "entries" and parts[3:] == ["proof"]:
            return self.proof(int(parts[2]))
        raise Refusal(404, "not-found", "Not found", "/".join(parts))

    def proof(self, number):
        leaves = [leaf(self.bytes(entry)) for entry in self.entries]
        entry = self.bytes(self.entries[number]) + (b"count 1\n" if self.lies else b"")
        hashes = "".join(base64.b64encode(h).decode() + "\n" for h in inclusion(number, leaves))
        head = f"mock/access\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\n"
        extra = base64.b64encode(entry).decode()
        return f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {number}\n{hashes}\n{head}\n— mock/access AAAAAAA=\n"

    def list(self, query):
        found = list(reversed(self.entries))
        if query.get("format") == "register":
            return "number,person\r\n" + "".join(f"{e['number']},{e['persons'].get('user', '')}\r\n" for e in found)
        if query.get("kind"):
            found = [e for e in found if e["kind"] in query["kind"].split(",")]
        if query.get("user"):
            found = [e for e in found if e["persons"].get("user") == query["user"]]
        if query.get("channel"):
            found = [e for e in found if e["facts"].get("channel") == query["channel"]]
        if query.get("q"):
            found = [e for e in found if query["q"] in str(e)]
        if query.get("cursor"):
            found = [e for e in found if e["number"] < int(query["cursor"])]
        limit = int(query.get("limit") or 100)
        page = dict(items=found[:limit])
        if len(found) > limit:
            page["next"] = str(page["items"][-1]["number"])
        return page
