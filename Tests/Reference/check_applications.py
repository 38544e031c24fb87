#!/usr/bin/env python3
"""Runs the bundled scripts on made-up data and compares with an independent computation.

    check_applications.py PARLEY [--rows N] [--engines plain,replicated3,additive-ot]
        [--banks bank-a,bank-b] [--ring prime:128]

The pooled data are put into sqlite3, or computed with Python's exact integers; nothing of Parley is
used for that. Three seeds each, and: a bank without rows, all rows equal, largest amounts. Prints a
line a comparison and exits with 1 if one fails.
"""
import csv
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from datetime import date, timedelta

BANKS = ["bank-a", "bank-b", "bank-c"]


def write(folder, bank, name, header, rows):
    os.makedirs(os.path.join(folder, bank), exist_ok=True)
    with open(os.path.join(folder, bank, name + ".csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def euros(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def amounts(kind, rng, low, high):
    """One amount in cents, by the kind of case."""
    if kind == "equal":
        return (low + high) // 2
    if kind == "largest":
        return high
    return min(high, max(low, int(rng.lognormvariate(12, 1.5))))


def banks_with_rows(kind):
    return [b for b in BANKS if kind != "empty" or b != "bank-b"]


# --- The scripts: each makes data and says what every bank must learn -------------------------------


def structuring(folder, rng, kind, rows):
    first = date.today().replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    days = (last - first).days + 1
    every = []
    for bank in BANKS:
        cash = []
        if bank in banks_with_rows(kind):
            for _ in range(rows):
                customer = "c" + str(rng.randrange(rows // 4 + 1))
                if kind == "equal":
                    customer = "c1"
                day = first + timedelta(days=rng.randrange(days))
                amount = amounts(kind, rng, 1, 10_000_000)
                if kind == "seed" and rng.random() < 0.5:
                    amount = rng.randrange(600_000, 999_999)
                cash.append((customer, day.isoformat(), euros(amount)))
                every.append((bank, customer, day, amount))
        write(folder, bank, "cash", ["customer", "day", "amount"], cash)
    hits = set()
    by_customer = {}
    for place, (bank, customer, day, amount) in enumerate(every):
        if amount < 1_000_000:
            by_customer.setdefault(customer, []).append((day, place, bank, amount))
    for customer, own in by_customer.items():
        own.sort(key=lambda row: (row[0], row[1]))
        for i, (day, _, _, _) in enumerate(own):
            recent = [r for r in own[max(0, i - 19): i + 1] if (day - r[0]).days <= 6]
            total = sum(r[3] for r in recent)
            if total >= 2_000_000 and len(recent) >= 4 and len({r[2] for r in recent}) >= 2:
                hits.add(customer)
    expected = {}
    for bank in BANKS:
        own = {c for b, c, _, _ in every if b == bank}
        rows_told = sum(1 for b, c, _, _ in every if b == bank and c in hits)
        expected[bank] = None if rows_told > 200 else sorted([c] for c in own & hits)
    return expected


def exposure(folder, rng, kind, rows):
    held, paid = {}, []
    for index, bank in enumerate(BANKS):
        held[bank] = [f"a{i}" for i in range(rows) if i % len(BANKS) == index]
        transfers = []
        if bank in banks_with_rows(kind):
            for _ in range(rows):
                account = "a0" if kind == "equal" else f"a{rng.randrange(rows)}"
                amount = amounts(kind, rng, 1, 1_000_000_000)
                transfers.append((account, euros(amount)))
                paid.append((bank, account, amount))
        if kind == "empty" and bank == "bank-b":
            held[bank] = []
        write(folder, bank, "account", ["account"], [[a] for a in held[bank]])
        write(folder, bank, "transfers", ["bene_acct", "amount"], transfers)
    database = sqlite3.connect(":memory:")
    database.execute("create table paid (bank text, account text, amount integer)")
    database.executemany("insert into paid values (?, ?, ?)", paid)
    reached = {
        row[0]
        for row in database.execute(
            "select account from paid group by account"
            " having sum(amount) >= 2500000 and count(distinct bank) >= 2")
    }
    return {b: sorted([a] for a in held[b] if a in reached) for b in BANKS}


def statistics(folder, rng, kind, rows):
    sectors = ["trade", "industry", "services", "farming", "other"]
    loans, rates = [], []
    for bank in BANKS:
        own = []
        if bank in banks_with_rows(kind):
            for _ in range(rows):
                sector = "trade" if kind == "equal" else rng.choices(sectors, [40, 30, 20, 9, 1])[0]
                amount = amounts(kind, rng, 0, 5_000_000_000)
                rate = rng.randrange(0, 50) / 100
                rates.append(int(rate * 65536 + 0.5))
                own.append((sector, euros(amount), rate))
                loans.append((bank, sector, amount))
        write(folder, bank, "loan", ["sector", "amount", "rate"], own)
    database = sqlite3.connect(":memory:")
    database.execute("create table loan (bank text, sector text, amount integer)")
    database.executemany("insert into loan values (?, ?, ?)", loans)
    told = []
    for sector, count, total in database.execute(
            "select sector, count(*), sum(amount) from loan group by sector"
            " having count(*) >= 10 and count(distinct bank) >= 2"):
        floor = 100_000
        told.append([
            sector, str(count), euros(total // floor * floor),
            euros(total // count // floor * floor)])
    # Quantiles: the value of rank floor((m - 1) * a / b); a histogram over bands of the amount.
    ordered = sorted(row[2] for row in loans)
    ranks = [(25, 100), (5, 10), (75, 100)]
    spread = [[euros(ordered[(len(ordered) - 1) * a // b] // 100_000 * 100_000) for a, b in ranks]]
    sizes = {}
    for (_, _, amount), rate in zip(loans, rates):
        band = sum(amount >= limit for limit in [1_000_000, 10_000_000, 100_000_000])
        sizes.setdefault(band, []).append(rate)
    histogram = []
    for band, own in sizes.items():
        if len(own) >= 10:
            mean = sum(own) // len(own)
            histogram.append([str(band), str(len(own)), fixed(mean)])
    answers = [sorted(told), spread if len(loans) >= 10 else [], sorted(histogram)]
    return {bank: answers for bank in BANKS}


def fixed(value):
    """A number with 16 fraction bits, as results have it: a decimal that is nearest to it."""
    text = f"{value / 65536:.7f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def risk(folder, rng, kind, rows):
    """The same integers as the script: 24 fraction bits, rounded down after each product."""
    one = 1 << 24
    accounts, transfers = {}, {bank: [] for bank in BANKS}
    holder = {}
    for index, bank in enumerate(BANKS):
        own = [] if kind == "empty" and bank == "bank-b" else [
            f"i{i}" for i in range(rows) if i % len(BANKS) == index]
        table = []
        for account in own:
            seed = 0.5 if kind == "equal" else rng.choice([0, 0, 0, 0.25, 0.9, 1])
            accounts[account] = int(seed * one)
            holder[account] = bank
            table.append((account, seed))
        write(folder, bank, "account", ["id", "risk"], table)
    names = list(accounts)
    for _ in range(3 * rows):
        src, dst = rng.choice(names), rng.choice(names)
        amount = amounts(kind, rng, 1, 1_000_000_000)
        # Equal payments of one sender are two payments.
        for _ in range(rng.choice([1, 1, 2])):
            transfers[holder[dst]].append((src, dst, amount))
    weights = []
    for bank in BANKS:
        own = transfers[bank][:rows * 2]
        totals = {}
        for _, dst, amount in own:
            totals[dst] = totals.get(dst, 0) + amount
        weights += [(s, d, amount * one // totals[d]) for s, d, amount in own]
        write(folder, bank, "transfer", ["src", "dst", "amount"],
              [(s, d, euros(a)) for s, d, a in own])
    now = dict(accounts)
    for rate in [0.5, 0.3536]:
        factor = int(rate * one + 0.5)
        rest = int((1 - rate) * one + 0.5)
        inflow = {}
        for src, dst, weight in weights:
            inflow[dst] = inflow.get(dst, 0) + (weight * now[src] >> 24)
        now = {
            a: (rest * now[a] >> 24) + (factor * min(inflow.get(a, 0), one) >> 24) for a in now}
    exact(accounts, transfers, rows, now, one)
    told = {bank: [] for bank in BANKS}
    fifth = int(0.2 * one + 0.5)
    for account, value in now.items():
        if value - accounts[account] >= fifth and value >= one // 2:
            level = (value >= one // 2) + (value >= int(0.8 * one + 0.5))
            told[holder[account]].append([account, str(level)])
    # At most 2 % of the 40,000 rows that the table may have.
    return {b: None if len(t) > 800 else sorted(t) for b, t in told.items()}


def exact(seeds, transfers, rows, now, one):
    """The published formula in floating point: the script's scores are within 1e-4 of it."""
    score = {a: s / one for a, s in seeds.items()}
    for rate in [0.5, 0.3536]:
        paid, total = {}, {}
        for own in transfers.values():
            for src, dst, amount in own[:rows * 2]:
                paid[dst] = paid.get(dst, 0) + amount * score[src]
                total[dst] = total.get(dst, 0) + amount
        score = {
            a: (1 - rate) * s + rate * (paid[a] / total[a] if a in total else 0)
            for a, s in score.items()}
    worst = max((abs(score[a] - now[a] / one) for a in score), default=0)
    assert worst < 1e-4, f"scores differ from the formula by {worst}"


def fraud(folder, rng, kind, rows):
    one = 1 << 16
    features = ["amount", "night", "foreign", "age"]
    weights = [rng.randrange(-4 * one, 4 * one) for _ in range(5)]
    payments = []
    for i in range(0 if kind == "empty" else rows):
        values = [
            {"equal": one, "largest": 8 * one}.get(kind, rng.randrange(-8 * one, 8 * one))
            for _ in features]
        payments.append((f"p{i}", values))

    def text(value):
        return repr(value / one)

    write(folder, "bank-a", "payment", ["id"] + features,
          [[i] + [text(v) for v in values] for i, values in payments])
    write(folder, "vendor", "score", ["feature", "weight"],
          list(zip(features + ["bias"], map(text, weights))))
    limits = [-int(1.0986 * one + 0.5), 0, int(1.0986 * one + 0.5)]
    told = []
    for name, values in payments:
        logit = (sum(w * v for w, v in zip(weights, values)) + weights[4] * one) >> 16
        told.append([name, str(sum(logit >= limit for limit in limits))])
    return {"bank-a": sorted(told), "vendor": "nothing", "bank-b": "nothing"}


def overlap(folder, rng, kind, rows):
    """Sets of Python; about a third of the keys are at several banks."""
    holders = {}
    for index, bank in enumerate(BANKS):
        own = []
        if bank in banks_with_rows(kind):
            # Of equal rows nine keys are shared, one fewer than are told.
            own = ([f"k{i}" for i in range(9)] if kind == "equal" else
                   rng.sample([f"k{i}" for i in range(3 * rows)], rows))
            own += [f"{bank}{i}" for i in range(rows)]
        for key in own:
            holders.setdefault(key, set()).add(bank)
        write(folder, bank, "customer", ["id"], [[key] for key in own])
    shared = sum(len(banks) >= 2 for banks in holders.values())
    return {bank: [[str(shared)]] if shared >= 10 else [] for bank in BANKS}


# --- The comparison ---------------------------------------------------------------------------------


def main():
    parley = sys.argv[1]
    options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
    BANKS[:] = options.get("--banks", "bank-a,bank-b,bank-c").split(",")
    ring = options.get("--ring", "z64")
    rows = int(options.get("--rows", "60"))
    engines = options.get("--engines", "plain,replicated3").split(",")
    failures = 0
    for job in [exposure, fraud, overlap, risk, statistics, structuring]:
        for kind, seed in [("seed", 1), ("seed", 2), ("seed", 3), ("empty", 4), ("equal", 5),
                           ("largest", 6)]:
            for engine in engines:
                with tempfile.TemporaryDirectory() as folder:
                    expected = job(folder, random.Random(seed), kind, rows)
                    script = small(folder, parley, job.__name__, rows)
                    done = subprocess.run(
                        [parley, "simulate", script, "--data", folder, "--engine", engine,
                         "--ring", ring, "--json"], capture_output=True, text=True)
                    what = f"{job.__name__} {kind} {seed} {engine} {ring} {len(BANKS)} banks"
                    if done.returncode != 0:
                        print(f"FAIL {what}: {done.stderr.strip().splitlines()[-1:]}")
                        failures += 1
                        continue
                    learned = {}
                    for member in json.loads(done.stdout)["members"]:
                        answers = member["answers"]
                        learned[member["party"]] = (
                            "nothing" if not answers else
                            None if answers[0]["isSuppressed"] else sorted(answers[0]["rows"])
                            if len(answers) == 1 else [sorted(a["rows"]) for a in answers])
                    same = learned == expected
                    told = sum(len(t) for t in expected.values() if isinstance(t, list))
                    print(f"{'PASS' if same else 'FAIL'} {what}: {told} rows told")
                    if not same:
                        print("  expected", str(expected)[:300])
                        print("  learned ", str(learned)[:300])
                        failures += 1
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


def small(folder, parley, name, rows):
    """The script with limits of rows that fit the data, so that a run is short."""
    among = [] if name == "fraud" else ["--parties", ",".join(BANKS)]
    text = subprocess.run(
        [parley, "scripts", name] + among, capture_output=True, text=True, check=True).stdout
    for limit in ["1_000_000", "100_000", "70_000", "40_000", "10_000"]:
        text = text.replace(f"at most {limit} rows", f"at most {max(4 * rows, 100)} rows")
    text = text.replace("at most 2 % of rows", "at most 800 rows")
    path = os.path.join(folder, name + ".parley")
    open(path, "w").write(text)
    return path


if __name__ == "__main__":
    main()
