#!/usr/bin/env python3
"""The job exposure without Parley: plain sums over everybody's transfers.

    exposure_reference.py --threshold CENTS --min-banks N FOLDER...

Each FOLDER is a bank's, with transfers.csv, accounts.csv and, after a run, flags.csv. Fails if the
flags of a bank's own accounts differ from what plain addition gives.
"""
import argparse
import collections
import csv
import decimal
import pathlib
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threshold", type=int, required=True)
    parser.add_argument("--min-banks", type=int, required=True)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    options = parser.parse_args()

    total = collections.Counter()
    banks = collections.defaultdict(set)
    for folder in options.folders:
        with open(folder / "transfers.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                account = row["bene_acct"]
                total[account] += int(decimal.Decimal(row["amount"]) * 100)
                banks[account].add(row["orig_bank"])

    def reached(account):
        enough = len(banks[account]) >= options.min_banks
        return enough and total[account] >= options.threshold

    for folder in options.folders:
        with open(folder / "accounts.csv", newline="", encoding="utf-8") as file:
            own = [row["account"] for row in csv.DictReader(file)]
        with open(folder / "flags.csv", newline="", encoding="utf-8") as file:
            flags = {row["account"]: row["flagged"] == "1" for row in csv.DictReader(file)}
        wrong = [account for account in own if flags.get(account) != reached(account)]
        if wrong or len(flags) != len(own):
            sys.exit(f"{folder}: {len(wrong)} of {len(own)} flags are wrong: {wrong[:5]}")
        print(f"{folder.name}: {sum(flags.values())} of {len(own)} accounts, as by plain addition")


main()
