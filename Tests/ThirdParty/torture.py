#!/usr/bin/env python3
"""Runs the demo's job again and again with a member killed at a random time, then compares all ledgers.

    torture.py BIN FOLDER [RUNS [SEED]]

BIN holds parley and parley-audit; FOLDER is made. Afterwards one run without a kill must bring all to the
same log, every intent must have an outcome or be listed as unfinished, and every audit be sound. Prints
lines PASS and FAIL.
"""
import json
import pathlib
import random
import signal
import subprocess
import sys
import time

binaries, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 100
random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
names = ["bank-a", "bank-b", "bank-c"]
parley = str(binaries / "parley")
failed = False


def check(what, good, more=""):
    global failed
    failed = failed or not good
    print(("PASS " if good else "FAIL ") + what + (f" ({more})" if more else ""), flush=True)


def command(name):
    own = folder / name
    for result in ("flags.csv", "flags.json", "report.json"):
        (own / result).unlink(missing_ok=True)
    return [
        parley, "run", "--job", "exposure", "--roster", str(folder / "roster.json"),
        "--directory", str(own), "--table", f"transfers={own / 'transfers.csv'}",
        "--accounts", str(own / "accounts.csv"), "--timeout", "5", "--wait", "10",
    ]


def meet(victims, after):
    """Starts all members, kills some after a time, and returns who ended with exit code 0."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    members = {name: subprocess.Popen(command(name), **quiet) for name in names}
    if victims:
        time.sleep(after)
        for name in victims:
            members[name].send_signal(signal.SIGKILL)
    return {name: process.wait(timeout=120) == 0 for name, process in members.items()}


subprocess.run([parley, "demo", "--rows", "500", "--directory", str(folder)], check=True, stdout=subprocess.DEVNULL)
started = time.monotonic()
check("a run without a kill", all(meet([], 0).values()))
whole = time.monotonic() - started
completed = killed = 0
for number in range(runs):
    victims = random.sample(names, random.choice([1, 1, 1, 2, 3]))
    good = meet(victims, random.uniform(0, 1.1 * whole))
    killed += 1
    completed += all(good.values())
check("runs with a kill", killed == runs, f"{killed}, of which {completed} had ended before it")
check("the run after them", all(meet([], 0).values()))

policy = folder / "policy.txt"
with open(policy, "w") as output:
    roster = ["--roster", str(folder / "roster.json"), "--directory", str(folder / "bank-a")]
    subprocess.run([parley, "ledger", "policy", *roster], check=True, stdout=output)
roots, listed = set(), None
for name in names:
    ledger = str(folder / name / "ledger.sqlite")
    proofs = [f"--checkpoint={proof}" for other in names for proof in (folder / other / "receipts").glob("*.tlog-proof")]
    audit = subprocess.run(
        [str(binaries / "parley-audit"), "ledger", ledger, "--policy", str(policy), "--json", *proofs],
        capture_output=True, text=True)
    report = json.loads(audit.stdout)
    check(f"the audit of {name}", audit.returncode == 0 and not report["findings"], f"{report['entries']} entries")
    check(f"nothing of {name} waits", report["pending"] == 0)
    roots.add((report["entries"], report["root"]))
    listed = report["unfinished"]
check("all replicas have the same log", len(roots) == 1)

shown = subprocess.run(
    [parley, "ledger", "show", "--json", *roster], check=True, capture_output=True, text=True).stdout
intents, outcomes = {}, set()
for line in shown.splitlines():
    record = json.loads(line)
    statement = record["statement"]
    if statement["kind"] == "intent":
        intents[record["digest"]] = record["index"]
    elif statement["kind"] == "outcome":
        outcomes.add(statement["body"]["intent"])
unfinished = sorted(index for digest, index in intents.items() if digest not in outcomes)
check("every intent has an outcome or is listed as unfinished",
      unfinished == sorted(item["entry"] for item in listed),
      f"{len(intents)} intents, {len(unfinished)} unfinished")
sys.exit(1 if failed else 0)
