"""PyPI's `llm`, the command and its library, with a model of `extra-openai-models.yaml`."""

import os
import pathlib
import subprocess
import sys


def configure(origin):
    home = pathlib.Path(os.environ["LLM_USER_PATH"])
    entry = f"- model_id: flux\n  model_name: flux\n  api_base: {origin}/v1\n"
    (home / "extra-openai-models.yaml").write_text(entry, encoding="utf-8")


def prompt(origin, text, stream, options=None):
    configure(origin)
    import llm

    model = llm.get_model("flux")
    return str(model.prompt(text, stream=stream, key="any", **(options or {})))


def conversation(origin, texts):
    configure(origin)
    import llm

    talk = llm.get_model("flux").conversation()
    return [str(talk.prompt(text, key="any")) for text in texts]


def command(origin, args):
    """`llm …` as one types it."""
    configure(origin)
    done = subprocess.run(
        [sys.executable, "-m", "llm", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100
    )
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}
