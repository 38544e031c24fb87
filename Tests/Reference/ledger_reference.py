#!/usr/bin/env python3
"""Verifies a Parley ledger without Parley: sqlite3, hashlib and the package cryptography alone.

    ledger_reference.py LEDGER.sqlite POLICY NAME=STATEMENTKEYHEX...

POLICY is a C2SP tlog-policy with the log's key and every cosigner. Exits with 1 on the first thing
that is wrong.
"""
import base64
import hashlib
import json
import sqlite3
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(data):
    return hashlib.sha256(data).digest()


def root(leaves):
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\x01" + root(leaves[:half]) + root(leaves[half:]))


def read_policy(path):
    """The keys by the four bytes that lines name them with: (name, type, public key)."""
    keys = {}
    for line in open(path, encoding="utf-8"):
        words = line.split()
        if words[0] not in ("log", "witness"):
            continue
        name, identifier, key = words[-1].split("+", 2)
        raw = base64.b64decode(key)
        assert sha(name.encode() + b"\n" + raw)[:4].hex() == identifier
        keys[bytes.fromhex(identifier)] = (name, raw[0], raw[1:])
    return keys


def check_note(note, keys, size, expected):
    body, signatures = note.decode().rsplit("\n\n", 1)
    body += "\n"
    origin, count, digest = body.splitlines()
    assert int(count) == size and base64.b64decode(digest) == expected
    missing = dict(keys)
    for line in signatures.splitlines():
        dash, name, text = line.split(" ")
        raw = base64.b64decode(text)
        known, kind, key = missing.pop(raw[:4])
        assert dash == "\u2014" and name == known
        message, signature = body.encode(), raw[4:]
        if kind == 4:
            time = struct.unpack(">Q", signature[:8])[0]
            message = f"cosignature/v1\ntime {time}\n{body}".encode()
            signature = signature[8:]
        else:
            assert kind == 1 and name == origin
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    assert not missing, "a signature is missing"


def canonical(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def batch_root(leaf, batch):
    """The root that the path from a statement leads to (RFC 9162, 2.1.3.2)."""
    position, last, found = batch["index"], batch["size"] - 1, leaf
    assert 0 <= position <= last < 256
    for sibling in map(bytes.fromhex, batch["proof"]):
        assert last > 0
        if position % 2 == 1 or position == last:
            found = sha(b"\x01" + sibling + found)
            while position % 2 == 0 and position > 0:
                position, last = position >> 1, last >> 1
        else:
            found = sha(b"\x01" + found + sibling)
        position, last = position >> 1, last >> 1
    assert last == 0
    return found


def check_entry(entry, position):
    envelope = json.loads(entry)
    assert canonical(envelope) == entry, f"entry {position} is not canonical"
    statement = envelope["statement"]
    found = batch_root(sha(b"\x00" + canonical(statement)), envelope["batch"])
    size = envelope["batch"]["size"]
    message = f"parley-statements/v1\n{origin}\n{size}\n{base64.b64encode(found).decode()}\n"
    signers = [signature["party"] for signature in envelope["signatures"]]
    body = statement["body"]
    if body.get("status") in ("aborted", "refused"):
        assert len(signers) == 1
    elif "author" in body:
        assert signers == [body["author"]]
    else:
        assert signers == list(members)
    for signature in envelope["signatures"]:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(members[signature["party"]]))
        key.verify(base64.b64decode(signature["signature"]), message.encode())
    return envelope["time"]


database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
keys = read_policy(sys.argv[2])
origin = next(name for name, kind, _ in keys.values() if kind == 1)
members = dict(argument.split("=") for argument in sys.argv[3:])
leaves, time = [], 0
query = "SELECT position, leaf_hash, bytes FROM entries ORDER BY position"
for position, stored, entry in database.execute(query):
    assert position == len(leaves) and stored == sha(b"\x00" + entry)
    now = check_entry(entry, position)
    assert now >= time, f"entry {position} goes back in time"
    time = now
    leaves.append(stored)
notes = database.execute("SELECT size, note FROM checkpoints ORDER BY size").fetchall()
assert notes[-1][0] == len(leaves)
for size, note in notes:
    check_note(note, keys, size, root(leaves[:size]))
for level, number, stored in database.execute("SELECT level, number, hash FROM nodes"):
    width = 256**level
    assert stored == root(leaves[number * width : (number + 1) * width])
print(f"{len(leaves)} entries, root {root(leaves).hex()}: sound")
