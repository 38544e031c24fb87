#!/usr/bin/env python3
"""Computes the test vectors of the ledger's format, version 1, without Parley.

    ledger_vectors.py > ledger_vectors.json

Three parties with Ed25519 seeds of 32 equal bytes; the log's first batch is its genesis, the second
two statements of bank-b. Then entries of every kind, with and without the fields that may be absent, which
are in no log. Sources/Ledger/Ledger.docc/LogFormat.md says what each field is.
"""
import base64
import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN, TIME = "parley.invalid/vectors", 1_790_000_000
NAMES = ["bank-a", "bank-b", "bank-c"]


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(data):
    return base64.b64encode(data).decode()


def leaf(data):
    return sha(b"\x00", data)


def node(left, right):
    return sha(b"\x01", left, right)


def raw(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signing(party, purpose):
    return Ed25519PrivateKey.from_private_bytes(bytes([16 * party + purpose]) * 32)


KEYS = [{"statement": signing(i, 1), "cosigner": signing(i, 2), "log": signing(i, 3)} for i in range(3)]


def member(name, seed):
    delivery = X25519PrivateKey.from_private_bytes(bytes([16 * seed + 4]) * 32)
    return {
        "cosignerKey": raw(signing(seed, 2)).hex(),
        "deliveryKey": raw(delivery).hex(),
        "logKey": raw(signing(seed, 3)).hex(),
        "name": name,
        "statementKey": raw(signing(seed, 1)).hex(),
    }


MEMBERS = [member(name, i) for i, name in enumerate(NAMES)]


def statement(kind, body):
    return {"body": body, "kind": kind, "version": 1}


def batch_message(size, root):
    return f"parley-statements/v1\n{ORIGIN}\n{size}\n{b64(root)}\n".encode()


def entry(value, signers, batch, signatures):
    return canonical(
        {
            "batch": batch,
            "signatures": [
                {"party": NAMES[i], "signature": b64(s)} for i, s in zip(signers, signatures)
            ],
            "statement": value,
            "time": TIME,
        }
    )


def line(name, kind, key, payload):
    identifier = sha(name.encode(), b"\n", bytes([kind]), raw(key))[:4]
    return f"\u2014 {name} {b64(identifier + payload)}\n"


def note(size, root):
    body = f"{ORIGIN}\n{size}\n{b64(root)}\n"
    text = body + "\n" + line(ORIGIN, 1, KEYS[0]["log"], KEYS[0]["log"].sign(body.encode()))
    for i in range(3):
        message = f"cosignature/v1\ntime {TIME}\n{body}".encode()
        signature = struct.pack(">Q", TIME) + KEYS[i]["cosigner"].sign(message)
        text += line(NAMES[i], 4, KEYS[i]["cosigner"], signature)
    return text


genesis = statement(
    "genesis",
    {
        "members": MEMBERS,
        "origin": ORIGIN,
        "policy": {"faulty": 2, "needed": 3},
        "sequencer": "bank-a",
        "time": TIME,
    },
)
root = leaf(canonical(genesis))
first = entry(
    genesis,
    range(3),
    {"index": 0, "proof": [], "size": 1},
    [KEYS[i]["statement"].sign(batch_message(1, root)) for i in range(3)],
)
services = [
    statement("service", {"author": "bank-b", "fingerprint": sha(bytes([i])).hex(), "time": TIME})
    for i in range(2)
]
leaves = [leaf(canonical(service)) for service in services]
signature = KEYS[1]["statement"].sign(batch_message(2, node(*leaves)))
others = [
    entry(services[i], [1], {"index": i, "proof": [leaves[1 - i].hex()], "size": 2}, [signature])
    for i in range(2)
]
hashes = [leaf(e) for e in [first] + others]
roots = [hashes[0], node(node(hashes[0], hashes[1]), hashes[2])]


# Every kind: a statement and who signs it, each alone in its batch.


def digest(text):
    return sha(text.encode()).hex()


def digests(what, names=NAMES):
    return [{"digest": digest(f"{what} of {name}"), "party": name} for name in names]


def claims(key, collection, contents):
    """Azure Confidential Ledger's claims digest of one claim of kind LedgerEntryV1."""
    opened = [hmac.digest(key, text.encode(), "sha256") for text in (collection, contents)]
    return sha(struct.pack("<I", 1), sha(b"LedgerEntryV1", sha(*opened))).hex()


def salted_root(secret, rows):
    """The root over two rows, each after 0x00 and its salt."""
    salts = [sha(b"parley row salt v1", secret, struct.pack("<Q", i)) for i in range(2)]
    return node(*(leaf(salt + row) for salt, row in zip(salts, rows))).hex()


def name_of(value):
    return leaf(canonical(value)).hex()


def intent(optional):
    inputs = [
        {"commitment": digest(f"rows of {name}"), "party": name, "rows": 3, "table": "transfers"}
        for name in NAMES
    ]
    body = {
        "inputs": inputs,
        "parameters": {
            "preprocessing": "none needed",
            "protocol": "replicated3",
            "ring": "z64",
            "thresholds": [{"name": "total", "value": "100000.00"}],
        },
        "participants": {"parties": NAMES},
        "program": {"hash": digest("program"), "name": "exposure"},
        "seeds": [] if optional else digests("seed"),
        "session": digest("session"),
        "time": TIME,
    }
    if optional:
        body["participants"]["dealer"] = "dealer"
        body["period"] = "2026-11"
    return statement("intent", body)


def outcome(status, **fields):
    body = {
        "intent": name_of(intent(False)),
        "receipts": [],
        "releases": [],
        "session": digest("session"),
        "status": status,
        "time": TIME,
        "transcripts": digests("transcript", fields.pop("transcripts")),
    }
    return statement("outcome", body | fields)


def alone(kind, author, **fields):
    return statement(kind, {"author": author, "time": TIME} | fields)


def proposal(action, value):
    return alone("proposal", "bank-a", base=name_of(genesis), action={action: {"_0": value}})


def approval(verdict, **until):
    """The role's key has the seed of 32 bytes 7."""
    fields = {
        "role": "compliance",
        "subject": {
            "library": "0.1.0", "manifest": digest("manifest"), "protocol": "replicated3", "ring": "z64",
            "roster": digest("roster"), "script": "exposure", "text": digest("text"), "version": 1},
        "verdict": verdict,
    } | until
    message = b"parley-approval/v1\n" + canonical(fields | {"party": "bank-b", "time": TIME})
    signature = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)).sign(message)
    return alone("approval", "bank-b", signature=b64(signature), **fields)


CHUNK = 1 << 20
content = bytes(i % 251 for i in range(CHUNK + 5))
described = canonical({"name": "model \u00e9.bin", "secret": bytes(range(32)).hex()}).decode()
posted = alone(
    "note", "bank-b", recipients=["bank-b", "bank-c"],
    claims=claims(bytes(range(32)), "reports", 'case 4711: "seen"\n'))
stored = alone(
    "file", "bank-b", recipients=NAMES, claims=claims(bytes(range(32, 64)), "parley:files", described),
    bytes=len(content), chunkBytes=CHUNK,
    content=salted_root(bytes(range(32)), [content[:CHUNK], content[CHUNK:]]))
document = (
    '{"database_name":"bank-a","block_id":0,"hash":"0x' + digest("block").upper()
    + '","last_transaction_commit_time":"2026-11-01T00:00:00.0000000",'
    + '"digest_time":"2026-11-01T00:00:01.0000000"}'
)
added = proposal("addMember", member("bank-d", 3))
kinds = [
    (genesis, NAMES),
    (intent(False), NAMES),
    (intent(True), NAMES),
    (outcome(
        "completed", receipts=digests("receipt"), transcripts=NAMES,
        releases=[{"commitments": digests("share"), "recipients": ["bank-a", "bank-c"]}]), NAMES),
    (outcome("suppressed", step="release", reason="too few rows", transcripts=[]), NAMES),
    (outcome(
        "aborted", step="multiply", accuser="bank-c", culprit="bank-b", reason="it hung up / was cut off",
        transcripts=["bank-c"]), ["bank-c"]),
    (outcome("refused", step="agree", reason="other rules", transcripts=[]), ["bank-a"]),
    (added, ["bank-a"]),
    (proposal("removeMember", "bank-c"), ["bank-a"]),
    (proposal("setKeys", member("bank-b", 4)), ["bank-a"]),
    (proposal("setPolicy", {"faulty": 1, "needed": 3}), ["bank-a"]),
    (proposal("setSequencer", "bank-c"), ["bank-a"]),
    (alone("ballot", "bank-b", proposal=name_of(added), approves=True), ["bank-b"]),
    (posted, ["bank-b"]),
    (stored, ["bank-b"]),
    (alone("receipt", "bank-c", subject=name_of(stored), content=stored["body"]["content"]), ["bank-c"]),
    (alone("erasure", "bank-b", subject=name_of(posted)), ["bank-b"]),
    (alone(
        "retention", "bank-b", subject=name_of(stored), until=TIME + 86_400, isLocked=True,
        holds=["Fall 4711/b", "\u00a7 \"49\" \U0001d11e"]), ["bank-b"]),
    (alone("digest", "bank-a", document=document), ["bank-a"]),
    (alone(
        "build", "bank-a", binary=digest("program file"), commit="3f9c2ab",
        packages=[{"name": "GRDB", "version": "7.10.0"}], quote=b64(b"\xfb\xff\xfe?")), ["bank-a"]),
    (alone("build", "bank-c", binary=digest("program file"), commit="3f9c2ab", packages=[]), ["bank-c"]),
    (services[0], ["bank-b"]),
    (approval("approved", until="2027-06-30"), ["bank-b"]),
    (approval("withdrawn"), ["bank-b"]),
]


def signed(value, names):
    signers = [NAMES.index(name) for name in names]
    message = batch_message(1, leaf(canonical(value)))
    signatures = [KEYS[i]["statement"].sign(message) for i in signers]
    made = entry(value, signers, {"index": 0, "proof": [], "size": 1}, signatures)
    return {"entry": made.decode(), "leafHash": leaf(made).hex(), "statementDigest": name_of(value)}


proof = "c2sp.org/tlog-proof@v1\nindex 2\n" + b64(node(hashes[0], hashes[1])) + "\n\n" + note(3, roots[1])
print(
    json.dumps(
        {
            "members": MEMBERS,
            "origin": ORIGIN,
            "time": TIME,
            "entries": [e.decode() for e in [first] + others],
            "leafHashes": [h.hex() for h in hashes],
            "statementDigests": [root.hex()] + [h.hex() for h in leaves],
            "checkpoints": [note(1, roots[0]), note(3, roots[1])],
            "proof": proof,
            "kinds": [signed(*item) for item in kinds],
        },
        indent=1,
        ensure_ascii=False,
    )
)
