"""Takes calls of the clients as lines of JSON, one after the other, and answers each with a line.

{"id", "client", "does", "args"} calls the function `does` of `with_{client}.py`; the answer is {"id", "value"} or
{"id", "raised"}.
"""

import importlib
import json
import os
import sys

# What a client prints is none of the answers.
answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def raised(error):
    """What the tests look at of an exception, under the names that OpenAI's have."""
    found = {"type": type(error).__name__, "message": str(error)}
    for name, kind in (("status_code", int), ("code", str), ("param", str)):
        value = getattr(error, name, None)
        if isinstance(value, kind):
            found["status" if name == "status_code" else name] = value
    return found


for line in sys.stdin:
    call = json.loads(line)
    try:
        module = importlib.import_module(f"with_{call['client']}")
        result = {"value": getattr(module, call["does"])(**call["args"])}
    except Exception as error:  # whatever it is, the test is told
        result = {"raised": raised(error)}
    answers.write(json.dumps({"id": call["id"], **result}, default=str) + "\n")
    answers.flush()
