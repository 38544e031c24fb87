"""Copies a node's log as C2SP tiles into a folder, with the proofs of some entries.

    fetch_log.py URL SERVICE_CERTIFICATE ADMINISTRATOR FOLDER [CHECKPOINT_BEFORE]

The folder then has `checkpoint`, `tile/…`, and for each proven entry `proof-N`. An older checkpoint,
if it is given, is kept as `checkpoint.old`.
"""
import json
import os
import shutil
import ssl
import sys
import urllib.request

url, service, administrator, folder = sys.argv[1:5]
context = ssl.create_default_context(cafile=service)
context.load_cert_chain(administrator)


def get(path):
    with urllib.request.urlopen(f"{url}/{path}", context=context, timeout=30) as answer:
        return answer.read()


def put(path, data):
    name = os.path.join(folder, path)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "wb") as file:
        file.write(data)


def tile_name(number):
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


checkpoint = get("checkpoint")
put("checkpoint", checkpoint)
if len(sys.argv) > 5:
    shutil.copy(sys.argv[5], os.path.join(folder, "checkpoint.old"))
size = int(checkpoint.split(b"\n")[1])

# The hashes of each level, and the entries: full tiles, and what is left over as a partial one.
count, level = size, 0
while count:
    for first in range(0, count, 256):
        width = min(256, count - first)
        name = tile_name(first // 256) + ("" if width == 256 else f".p/{width}")
        for kind in [str(level)] + (["entries"] if level == 0 else []):
            put(f"tile/{kind}/{name}", get(f"tile/{kind}/{name}"))
    count, level = count // 256, level + 1

# Proofs come with the receipts.
for index in sorted({0, size // 3, size // 2, size - 1}):
    receipt = json.loads(get(f"app/transactions/2.{index + 1}/receipt?api-version=2022-05-13"))
    put(f"proof-{index}", receipt["receipt"]["cosignatures"].encode())
print(f"PASS copied a log of {size} entries")
