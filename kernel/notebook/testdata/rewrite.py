"""Talks to Python's nbformat for the tests: reads one JSON array of notebooks (as
text) on stdin, writes what nbformat makes of each: {"text": ...} or {"error": ...}.
With --validate, {"text": ""} means valid."""

import io
import json
import sys

import nbformat

answers = []
for text in json.load(sys.stdin):
    try:
        if "--validate" in sys.argv:
            nbformat.validate(json.loads(text))
            answers.append({"text": ""})
        else:
            out = io.StringIO()
            nbformat.write(nbformat.reads(text, as_version=4), out)
            answers.append({"text": out.getvalue()})
    except Exception as e:
        answers.append({"error": f"{type(e).__name__}: {e}"})
json.dump(answers, sys.stdout)
