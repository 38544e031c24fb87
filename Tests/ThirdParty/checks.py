"""PASS and FAIL lines, and the exit code that they make."""
import sys

failures = 0


def check(name, condition, detail=""):
    """Prints one line; a false condition makes `finish` fail."""
    global failures
    failures += not condition
    print(f"{'PASS' if condition else 'FAIL'} {name}{' ' + str(detail) if detail else ''}", flush=True)


def refused(name, body, *kinds):
    """Checks that `body` raises, and one of `kinds` if any are named."""
    try:
        body()
    except Exception as error:  # what is raised is what is checked
        check(name, not kinds or isinstance(error, kinds), f"({type(error).__name__})")
    else:
        check(name, False, "(accepted)")


def finish():
    sys.exit(1 if failures else 0)
