"""The other end of the test that runs a script: one line of JSON to begin with, and a person at hand."""

import json
import sys

# What the script is to do.
task = json.loads(sys.stdin.readline())


def visit(url):
    """Sends a person to a URL; tells where they arrived."""
    print(f"OPEN {url}", flush=True)
    return sys.stdin.readline().strip()


def done(result):
    """Says how it went."""
    print(json.dumps(result), flush=True)
