#!/usr/bin/env python3
"""The watch-list job in plain text, independent of Parley: reads every bank's transfers at once.

    watchlist_reference.py --watchlist FILE --threshold CENTS --min-banks N TRANSFERS.csv...

Prints the CSV account,flagged in the order of the watch-list. One transfers file is one bank.
"""
import argparse
import csv
from decimal import Decimal

parser = argparse.ArgumentParser()
parser.add_argument("--watchlist", required=True)
parser.add_argument("--threshold", type=int, required=True, help="in cents")
parser.add_argument("--min-banks", type=int, required=True)
parser.add_argument("transfers", nargs="+")
arguments = parser.parse_args()

with open(arguments.watchlist, newline="", encoding="utf-8-sig") as file:
    accounts = [row["account"] for row in csv.DictReader(file)]
total = dict.fromkeys(accounts, Decimal(0))
banks = {account: set() for account in accounts}
for path in arguments.transfers:
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            account = row["bene_acct"]
            if account in total:
                total[account] += Decimal(row["amount"])
                banks[account].add(path)
print("account,flagged")
for account in accounts:
    enough = total[account] * 100 >= arguments.threshold
    print(f"{account},{int(enough and len(banks[account]) >= arguments.min_banks)}")
