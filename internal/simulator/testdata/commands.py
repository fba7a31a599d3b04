"""Runs commands of python-openstackclient, each in a copy of this process: a start takes a second.

Reads a JSON list of words for each command from a line of stdin. Writes a line of JSON for each: what the command
printed ("out", "err") and how it ended ("code").
"""
import contextlib
import io
import json
import os
import sys

from openstackclient import shell


def run(words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = shell.main(words)
        except SystemExit as ended:
            code = ended.code
    print(json.dumps({'out': out.getvalue(), 'err': err.getvalue(), 'code': code or 0}), flush=True)


for line in sys.stdin:
    child = os.fork()
    if not child:
        run(json.loads(line))
        os._exit(0)
    os.waitpid(child, 0)
