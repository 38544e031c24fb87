#!/usr/bin/env python3
"""The encoding of Parley's ledger tables without Parley: sqlite3, hashlib and struct alone.

    ledger_tables_reference.py --vectors            prints test vectors as JSON
    ledger_tables_reference.py DATABASE DIGEST      verifies a database against a digest's file

Exits with 1 on the first thing that is wrong.
"""
import hashlib
import json
import sqlite3
import struct
import sys

INSERT, DELETE = 1, 2


def sha(data):
    return hashlib.sha256(data).digest()


EMPTY = sha(b"")


def leaf(data):
    return sha(b"\x00" + data)


def root(leaves):
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\x01" + root(leaves[:half]) + root(leaves[half:]))


def prefixed(data):
    return struct.pack("<I", len(data)) + data


def cell(value):
    if isinstance(value, int):
        return b"\x01" + prefixed(struct.pack("<q", value))
    if isinstance(value, float):
        return b"\x02" + prefixed(struct.pack("<d", value + 0.0))
    if isinstance(value, str):
        return b"\x03" + prefixed(value.encode())
    return b"\x04" + prefixed(value)


def row(operation, table, place, start, values):
    present = [(number, value) for number, value in enumerate(values) if value is not None]
    return (
        b"parley-ledger-row/v1\n"
        + struct.pack("<BIqq", operation, table, *place)
        + (struct.pack("<qq", *start) if operation == DELETE else b"")
        + struct.pack("<I", len(present))
        + b"".join(struct.pack("<I", number) + cell(value) for number, value in present)
    )


def table_hashes(roots):
    return bytes([1, len(roots)]) + b"".join(
        struct.pack("<I", table) + roots[table] for table in sorted(roots)
    )


def transaction(identifier, block, ordinal, time, principal, salt, hashes):
    return (
        b"parley-ledger-transaction/v1\n"
        + struct.pack("<qqq", identifier, block, ordinal)
        + b"".join(map(prefixed, (time.encode(), principal.encode(), salt, hashes)))
    )


def block_encoding(database, identifier, tree_root, size, previous):
    return (
        b"parley-ledger-block/v1\n"
        + prefixed(database.encode())
        + struct.pack("<q", identifier)
        + tree_root
        + struct.pack("<q", size)
        + previous
    )


def vectors():
    # Number of a table, place, start, values; the values cover every type, NULL and the extremes.
    rows = [
        (INSERT, 3, (1, 0), (1, 0), [42, "Zürich €", 2.5, b"\x00\xff"]),
        (INSERT, 3, (1, 1), (1, 1), [-(2**63), "", -0.0, b""]),
        (INSERT, 4, (2, 0), (2, 0), [2**63 - 1, None, None, None, "added"]),
        (INSERT, 200, (9, 7), (9, 7), [None, None]),
        (DELETE, 3, (12, 5), (1, 0), [42, "Zürich €", 2.5, b"\x00\xff"]),
    ]
    roots = {3: root([leaf(row(*each)) for each in rows[:2]]), 258: EMPTY}
    salt, time = bytes(range(32)), "2026-01-02T03:04:05.0000000"
    entry = transaction(7, 2, 1, time, "bank-a", salt, table_hashes(roots))
    block = block_encoding("bank-a.ledger", 2, leaf(entry), 1, EMPTY)

    def spelled(value):
        if isinstance(value, bytes):
            return {"blob": value.hex()}
        if isinstance(value, int):
            return {"integer": value}
        if isinstance(value, float):
            return {"real": value}
        return None if value is None else {"text": value}

    return {
        "rows": [
            {
                "operation": operation,
                "table": table,
                "place": place,
                "start": start,
                "values": [spelled(value) for value in values],
                "encoding": row(operation, table, place, start, values).hex(),
                "leaf": leaf(row(operation, table, place, start, values)).hex(),
            }
            for operation, table, place, start, values in rows
        ],
        "table_hashes": {
            "roots": {str(table): value.hex() for table, value in roots.items()},
            "encoding": table_hashes(roots).hex(),
        },
        "transaction": {
            "transaction_id": 7, "block_id": 2, "transactional_ordinal": 1, "commit_time": time,
            "principal_name": "bank-a", "salt": salt.hex(), "encoding": entry.hex(),
            "leaf": leaf(entry).hex(),
        },
        "block": {
            "database_name": "bank-a.ledger", "block_id": 2, "root": leaf(entry).hex(), "size": 1,
            "previous": EMPTY.hex(), "encoding": block.hex(), "hash": sha(block).hex(),
        },
    }


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def operations(database, table, name, columns, kind):
    """Every operation on a table: (place, leaf)."""
    prefix = "" if table <= 2 else "ledger_start_"
    start = f"{prefix}transaction_id, {prefix}sequence_number"
    end = "ledger_end_transaction_id, ledger_end_sequence_number"
    selected = ", ".join(map(quoted, columns))
    for values in database.execute(f"SELECT {start}, {selected} FROM {quoted(name)}"):
        yield values[:2], leaf(row(INSERT, table, values[:2], None, values[2:]))
    if kind == "UPDATABLE_LEDGER_TABLE":
        history = f"ParleyLedgerHistoryFor_{table}"
        for values in database.execute(f"SELECT {start}, {end}, {selected} FROM {history}"):
            began, ended, cells = values[:2], values[2:4], values[4:]
            yield began, leaf(row(INSERT, table, began, None, cells))
            yield ended, leaf(row(DELETE, table, ended, began, cells))


def verify(path, digest_path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    digest = json.load(open(digest_path, encoding="utf-8"))
    tables = {
        1: ("ledger_table_history", "APPEND_ONLY_LEDGER_TABLE"),
        2: ("ledger_column_history", "APPEND_ONLY_LEDGER_TABLE"),
    }
    columns = {
        1: "table_name object_id ledger_view_name ledger_type_desc operation_type"
        " operation_type_desc".split(),
        2: "object_id column_id column_name column_type is_nullable key_ordinal operation_type"
        " operation_type_desc".split(),
    }
    for name, table, kind in database.execute(
        "SELECT table_name, object_id, ledger_type_desc FROM ledger_table_history"
        " ORDER BY transaction_id, sequence_number"
    ):
        tables[table] = (name, kind)
    for table, name in database.execute(
        "SELECT object_id, column_name FROM ledger_column_history"
        " ORDER BY transaction_id, sequence_number"
    ):
        columns.setdefault(table, []).append(name)

    written = {}
    for table, (name, kind) in tables.items():
        for place, digest_of_row in operations(database, table, name, columns[table], kind):
            written.setdefault(place[0], {}).setdefault(table, []).append((place[1], digest_of_row))
    blocks = {}
    for identifier, block, ordinal, time, principal, salt, hashes in database.execute(
        "SELECT transaction_id, block_id, transactional_ordinal, commit_time, principal_name, salt,"
        " table_hashes FROM database_ledger_transactions ORDER BY transaction_id"
    ):
        roots = {
            table: root([hashed for _, hashed in sorted(rows)])
            for table, rows in written.pop(identifier, {}).items()
        }
        assert hashes == table_hashes(roots), f"transaction {identifier} wrote other rows"
        leaves = blocks.setdefault(block, [])
        assert ordinal == len(leaves), f"transaction {identifier} has another ordinal"
        leaves.append(
            leaf(transaction(identifier, block, ordinal, time, principal, salt, hashes)))
    assert not written, f"no transaction {min(written)} is recorded"

    name = database.execute("SELECT database_name FROM parley_ledger_state").fetchone()[0]
    before, found = EMPTY, False
    for identifier, tree_root, size, previous in database.execute(
        "SELECT * FROM database_ledger_blocks ORDER BY block_id"
    ):
        leaves = blocks[identifier]
        assert (tree_root, size, previous) == (root(leaves), len(leaves), before), identifier
        before = sha(block_encoding(name, identifier, tree_root, size, previous))
        if identifier == digest["block_id"]:
            assert digest["hash"] == "0x" + before.hex().upper(), "the digest is of another block"
            assert digest["database_name"] == name
            found = True
    assert found, "the digest's block is not there"
    print(f"{len(blocks)} blocks: sound")


if sys.argv[1:] == ["--vectors"]:
    print(json.dumps(vectors(), indent=1, ensure_ascii=False))
else:
    verify(*sys.argv[1:])
