#!/usr/bin/env python3
"""Computes the test vectors of the ledger's format, version 1, without Parley.

    ledger_vectors.py > ledger_vectors.json

Three parties with Ed25519 seeds of 32 equal bytes; the log's first batch is its genesis, the second
two statements of bank-b. Sources/Ledger/Ledger.docc/LogFormat.md says what each field is.
"""
import base64
import hashlib
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
DELIVERY = [X25519PrivateKey.from_private_bytes(bytes([16 * i + 4]) * 32) for i in range(3)]
MEMBERS = [
    {
        "cosignerKey": raw(KEYS[i]["cosigner"]).hex(),
        "deliveryKey": raw(DELIVERY[i]).hex(),
        "logKey": raw(KEYS[i]["log"]).hex(),
        "name": NAMES[i],
        "statementKey": raw(KEYS[i]["statement"]).hex(),
    }
    for i in range(3)
]


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
        },
        indent=1,
        ensure_ascii=False,
    )
)
