"""The other end of the test that runs a script: one line of JSON to begin with, and a person at hand."""

import json
import sys

# What the script is to do.
task = json.loads(sys.stdin.readline())


def more():
    """What the test says later, a line of JSON at a time, until it has no more to say."""
    for said in sys.stdin:
        yield json.loads(said)


def visit(url):
    """Sends a person to a URL; tells where they arrived."""
    print(f"OPEN {url}", flush=True)
    return sys.stdin.readline().strip()


def done(result):
    """Says how it went."""
    print(json.dumps(result), flush=True)
