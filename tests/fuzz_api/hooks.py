"""What schemathesis does and checks beyond the schema.

`FUZZ_STORED` is the id of an image that is stored; `FUZZ_UPSTREAMS` is `well`, or `faulty` where
the upstreams may be the cause of a 5xx.
"""

import os
import random

import schemathesis

STORED = os.environ["FUZZ_STORED"]
FAULTY = os.environ["FUZZ_UPSTREAMS"] == "faulty"

# English is drawn as it is, another language is translated.
PROMPTS = ["a cat", "a red fox in snow", "一只猫", "un café 🐈", "100% cat & dog #1 + <b>"]

# Of programs, an address bar and an <img>.
ACCEPTED = ["*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8", "image/avif,image/webp,*/*;q=0.8"]

# The codes of failures that the upstreams caused.
THEIRS = {"upstream_error", "keys_exhausted", "upstream_timeout"}

MAGIC = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
    "image/svg+xml": b"<svg",
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Asks for errors as pictures too, for a prompt more often than chance would, and for an image that is there."""
    chance = random.Random(repr((case.operation.label, case.path_parameters, case.query, case.headers, case.body)))
    case.headers.setdefault("Accept", chance.choice(ACCEPTED))
    if case.method not in ("GET", "HEAD"):
        return
    if case.operation.path == "/i/{id}" and chance.random() < 0.5:
        case.path_parameters["id"] = STORED + chance.choice(["", ".png", ".x"])
    if case.operation.path in ("/", "/i/{id}") and chance.random() < 0.2:
        case.headers["If-None-Match"] = chance.choice(['W/"%s"', '"%s"', '"other", W/"%s-7"']) % STORED
    if case.operation.path == "/" and isinstance(case.query, dict):
        if chance.random() < 0.7:
            case.query.setdefault("prompt", f"{chance.choice(PROMPTS)} {chance.randrange(50)}")
        if chance.random() < 0.2:
            case.query["id"] = STORED


def header(response, name):
    return (response.headers.get(name) or [None])[0]


def is_page(case):
    return "Pages" in (case.operation.tags or [])


@schemathesis.check
def no_failure_of_our_own(ctx, response, case):
    """A 5xx is the upstreams' doing."""
    code = header(response, "x-error-code")
    if response.status_code >= 500 and not (FAULTY and code in THEIRS):
        raise AssertionError(f"{response.status_code} {code} is of the Worker's own making")


@schemathesis.check
def errors_are_typed(ctx, response, case):
    """Every error has its code, is not cached, and can be read by a page on another host."""
    if response.status_code < 400 or is_page(case):
        return
    for name, wanted in [("cache-control", "no-store"), ("access-control-allow-origin", "*")]:
        if header(response, name) != wanted:
            raise AssertionError(f"{name} of an error is {header(response, name)}")
    code = header(response, "x-error-code")
    if case.operation.path == "/mcp" and response.status_code != 405:
        return  # JSON-RPC has errors of its own
    if not code:
        raise AssertionError("an error without X-Error-Code")
    is_json = header(response, "content-type").startswith("application/json")
    if is_json and case.method != "HEAD" and response.json()["error"]["code"] != code:
        raise AssertionError(f"X-Error-Code is {code}, and the body says {response.json()['error']['code']}")


@schemathesis.check
def images_are_described(ctx, response, case):
    """An image says what it is, and is it."""
    kind = (header(response, "content-type") or "").partition(";")[0]
    if response.status_code != 200 or kind not in MAGIC or is_page(case):
        return
    for name in ["x-image-id", "x-cache", "x-model", "x-prompt", "x-prompt-status", "cache-control"]:
        if not header(response, name):
            raise AssertionError(f"an image without {name}")
    if case.method == "GET" and not response.content.startswith(MAGIC[kind]):
        raise AssertionError(f"what is said to be {kind} begins with {response.content[:8]}")
