"""Writes a ledger's keys as C2SP's tlog-policy, from the roster and a checkpoint's origin.

    policy.py ROSTER CHECKPOINT > POLICY

Any party of the roster may have been the sequencer; all must have cosigned.
"""
import base64
import hashlib
import json
import sys

roster = json.load(open(sys.argv[1]))["parties"]
origin = open(sys.argv[2]).readline().rstrip("\n")


def text(name, kind, key):
    typed = bytes([kind]) + bytes.fromhex(key)
    identifier = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
    return f"{name}+{identifier}+{base64.b64encode(typed).decode()}"


for party in roster:
    print("log", text(origin, 1, party["logKey"]))
for number, party in enumerate(roster):
    print(f"witness P{number}", text(party["name"], 4, party["cosignerKey"]))
print("group everyone all", *(f"P{number}" for number in range(len(roster))))
print("quorum everyone")
