"""PyPI's `litellm`, as one calls any service that speaks OpenAI's."""

import asyncio

import litellm

litellm.telemetry = False
litellm.suppress_debug_info = True
litellm.num_retries = 0


def where(origin):
    return {"api_base": f"{origin}/v1", "api_key": "any"}


def image(origin, **asked):
    return litellm.image_generation(**asked, **where(origin)).model_dump()


def chat(origin, **asked):
    return litellm.completion(**asked, **where(origin)).model_dump()


def chat_async(origin, **asked):
    return asyncio.run(litellm.acompletion(**asked, **where(origin))).model_dump()


def chat_stream(origin, **asked):
    """The chunks, and what `stream_chunk_builder` makes of them: what its proxy logs and bills."""
    chunks = list(litellm.completion(stream=True, **asked, **where(origin)))
    whole = litellm.stream_chunk_builder(chunks, messages=asked["messages"])
    return {"chunks": [chunk.model_dump() for chunk in chunks], "whole": whole.model_dump()}


def response(origin, **asked):
    answer = litellm.responses(**asked, **where(origin))
    return answer.model_dump()


def response_stream(origin, **asked):
    return [event.model_dump() for event in litellm.responses(stream=True, **asked, **where(origin))]
