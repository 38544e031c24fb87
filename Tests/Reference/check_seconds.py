#!/usr/bin/env python3
"""Compares the seconds of plans with those of runs, right after a calibration of this machine.

    check_seconds.py PARLEY [--times 3]

All bundled scripts on replicated3 with their own limits of rows (structuring with 100,000 a bank),
and on additive-ot with 300 rows a table. The least time of a script's runs counts: what else the
machine does only adds to it. Exit code 1 if a plan is not within a factor of 2. A minute or two on
an idle machine; on one that is busy, it tells little.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "Sources/Applications/Scripts"
NAMES = ["fraud", "exposure", "statistics", "risk", "structuring", "overlap"]


def bounded(text, rows):
    """The script with other limits of rows for its tables."""
    return re.sub(r"^(\).*) at most [0-9_]+ rows( \{)?$", rf"\1 at most {rows} rows\2", text, flags=re.M)


def planned(tool, arguments):
    out = subprocess.run(tool + ["plan"] + arguments, check=True, capture_output=True, text=True)
    return float(re.search(r"^total .* ([0-9.]+)$", out.stdout, re.M)[1])


def run(tool, arguments):
    out = subprocess.run(
        tool + ["simulate"] + arguments, check=True, capture_output=True, text=True)
    return json.loads(out.stdout)["costs"]["total"]["seconds"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parley")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    tool = [options.parley]
    is_near = True
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(tool + ["calibrate", "--directory", folder], check=True, capture_output=True)
        for engine in ["replicated3", "additive-ot"]:
            for name in NAMES:
                text = (SCRIPTS / f"{name}.parley").read_text()
                if engine == "additive-ot":
                    text = bounded(text, 300)
                elif name == "structuring":
                    text = bounded(text, 100_000)
                script = pathlib.Path(folder) / f"{name}.parley"
                script.write_text(text)
                common = [str(script)] + (["--period", "2026-11"] if name == "structuring" else [])
                plan = planned(
                    tool,
                    common + ["--protocol", engine, "--link", "local", "--directory", folder])
                seconds = min(
                    run(tool, common + ["--engine", engine, "--rows", "200", "--json"])
                    for _ in range(options.times))
                print(f"{engine:12} {name:12} plan {plan:7.3f} s  run {seconds:7.3f} s  "
                      f"ratio {plan / seconds:.2f}", flush=True)
                is_near = is_near and 0.5 <= plan / seconds <= 2
    sys.exit(0 if is_near else 1)


main()
