#!/usr/bin/env python3
"""Runs the demo's script again and again with members killed at random times, then compares all ledgers.

    torture.py BIN FOLDER [RUNS [SEED]]

BIN holds parley and parley-audit; FOLDER is made. A kill's time is random within a phase that is chosen at
random, so that short phases, in which the ledger is written, are hit as well as long ones. Afterwards one run
without a kill must bring all to the same log, every intent must have an outcome or be listed as unfinished,
and every audit be sound. Prints lines PASS and FAIL.
"""
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import time

binaries, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 100
seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 32)
random.seed(seed)
names = ["bank-a", "bank-b", "bank-c"]
parley = str(binaries / "parley")
failed = False

# What a member's log says when a phase begins, and how often a kill is to hit it. A kill before all are connected
# makes the others wait for nothing but --wait.
phases = {"start": 1, "connecting": 1, "intent": 4, "online": 3, "release": 5, "outcome": 4}
midrun = ["intent", "online", "release", "outcome"]
# A release takes a few milliseconds: a kill that is aimed at it often comes a step later.
certain = ["intent", "online", "outcome"]


def check(what, good, more=""):
    global failed
    failed = failed or not good
    print(("PASS " if good else "FAIL ") + what + (f" ({more})" if more else ""), flush=True)


def log(name):
    return folder / name / "run.log"


def began(name):
    """The phases that a member's log shows, with the seconds at which each began."""
    found = {"start": 0.0}
    for seconds, step in re.findall(r"^\[ *([0-9.]+) s\] (\w+)", log(name).read_text(), re.MULTILINE):
        if step in phases:
            found.setdefault(step, float(seconds))
    return found


def start(name):
    own = folder / name
    with open(log(name), "wb") as output:
        return subprocess.Popen([
            parley, "run", str(folder / "script.parley"),
            "--roster", str(folder / "roster.json"), "--directory", str(own),
            "--table", f"transfers={own / 'transfers.csv'}",
            "--table", f"account={own / 'account.csv'}", "--timeout", "5", "--wait", "3",
        ], stdout=output, stderr=output)


def end(members):
    """Waits for all members; whether all ended with exit code 0."""
    return all([process.wait(timeout=120) == 0 for process in members.values()])


def meet():
    """A run without a kill; how many seconds each phase took at the first member."""
    started = time.monotonic()
    good = end({name: start(name) for name in names})
    whole = time.monotonic() - started
    times = list(began(names[0]).items())
    ends = [begin for _, begin in times[1:]] + [whole]
    return good, {phase: max(0.01, end - begin) for (phase, begin), end in zip(times, ends)}


def torture(lengths):
    """A run with a kill; the phase that it hit, or nothing if all members had ended before it."""
    victims = random.sample(names, random.choice([1, 1, 1, 2, 3]))
    phase = random.choices(list(phases), phases.values())[0]
    after = random.uniform(0, lengths[phase])
    members = {name: start(name) for name in names}
    first = members[victims[0]]
    while phase not in began(victims[0]) and first.poll() is None:
        time.sleep(0.002)
    time.sleep(after)
    hit = [name for name in victims if members[name].poll() is None]
    for name in hit:
        members[name].kill()
    end(members)
    return list(began(hit[0]))[-1] if hit else None


print(f"seed {seed}: the same kills are chosen again with torture.py BIN FOLDER {runs} {seed}")
subprocess.run([parley, "demo", "--rows", "500", "--directory", str(folder)], check=True, stdout=subprocess.DEVNULL,
               stderr=subprocess.DEVNULL)
# The script may run once a day.
script = folder / "script.parley"
script.write_text(script.read_text().replace("runs     1 per day", "runs     1000 per day"))
good, lengths = meet()
check("a run without a kill", good)
started = time.monotonic()
hits = collections.Counter(torture(lengths) for _ in range(runs))
inside = sum(hits[phase] for phase in midrun)
check("kills hit the middle of a third of the runs, and every long phase of it",
      3 * inside >= runs and (runs < 50 or all(hits[phase] for phase in certain)),
      ", ".join(f"{phase} {hits[phase]}" for phase in phases)
      + f", after the end {hits[None]}; {runs} runs in {time.monotonic() - started:.0f} s")
check("the run after them", meet()[0])

policy = folder / "policy.txt"
with open(policy, "w") as output:
    roster = ["--roster", str(folder / "roster.json"), "--directory", str(folder / "bank-a")]
    subprocess.run([parley, "ledger", "policy", *roster], check=True, stdout=output)
roots, listed = set(), []
for name in names:
    ledger = str(folder / name / "ledger.sqlite")
    proofs = [proof for other in names for proof in (folder / other / "receipts").glob("*.tlog-proof")]
    audit = subprocess.run(
        [str(binaries / "parley-audit"), "ledger", ledger, "--policy", str(policy), "--json",
         "--checkpoint", *map(str, proofs)],
        capture_output=True, text=True)
    report = json.loads(audit.stdout)
    check(f"the audit of {name}",
          audit.returncode == 0 and not report["findings"] and len(report["kept"]) == len(proofs),
          f"{report['entries']} entries, {len(proofs)} proofs of all members")
    check(f"nothing of {name} waits", report["pending"] == 0)
    roots.add((report["entries"], report["root"]))
    listed = report["unfinished"]
check("all replicas have the same log", len(roots) == 1)

shown = subprocess.run(
    [parley, "ledger", "show", "--json", *roster], check=True, capture_output=True, text=True).stdout
intents, outcomes = {}, collections.Counter()
for line in shown.splitlines():
    record = json.loads(line)
    statement = record["statement"]
    if statement["kind"] == "intent":
        intents[record["digest"]] = record["index"]
    elif statement["kind"] == "outcome":
        outcomes[statement["body"]["intent"]] += 1
unfinished = sorted(index for digest, index in intents.items() if digest not in outcomes)
check("every intent has an outcome or is listed as unfinished",
      set(outcomes) <= set(intents) and unfinished == sorted(item["entry"] for item in listed),
      f"{len(intents)} intents, {len(unfinished)} unfinished, {sum(outcomes.values())} outcomes")
check("some runs were left unfinished, others not", 0 < len(unfinished) < len(intents))
sys.exit(1 if failed else 0)
