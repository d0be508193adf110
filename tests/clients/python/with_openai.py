"""PyPI's `openai`."""

import asyncio

from openai import AsyncOpenAI, OpenAI


def client(origin, path="/v1", key="any"):
    return OpenAI(base_url=origin + path, api_key=key, max_retries=0)


def image(origin, path="/v1", key="any", **asked):
    return client(origin, path, key).images.generate(**asked).model_dump()


def image_async(origin, **asked):
    async def generate():
        async with AsyncOpenAI(base_url=f"{origin}/v1", api_key="any", max_retries=0) as openai:
            return await openai.images.generate(**asked)

    return asyncio.run(generate()).model_dump()


def image_stream(origin, **asked):
    return [event.model_dump() for event in client(origin).images.generate(stream=True, **asked)]


def image_edit(origin, **asked):
    return client(origin).images.edit(image=("a.png", b"\x89PNG\r\n\x1a\n", "image/png"), **asked).model_dump()


def chat(origin, path="/v1", **asked):
    return client(origin, path).chat.completions.create(**asked).model_dump()


def chat_stream(origin, **asked):
    return [chunk.model_dump() for chunk in client(origin).chat.completions.create(stream=True, **asked)]


def chat_helper(origin, **asked):
    """`stream()`, which puts the chunks together by itself."""
    with client(origin).chat.completions.stream(**asked) as stream:
        kinds = [event.type for event in stream]
        return {"kinds": kinds, "final": stream.get_final_completion().model_dump()}


def response(origin, **asked):
    answer = client(origin).responses.create(**asked)
    return {**answer.model_dump(), "output_text": answer.output_text}


def response_stream(origin, **asked):
    with client(origin).responses.stream(**asked) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_response()
        return {"events": events, "final": {**final.model_dump(), "output_text": final.output_text}}


def models(origin, path="/v1"):
    return [model.id for model in client(origin, path).models.list()]


def model(origin, name):
    return client(origin).models.retrieve(name).model_dump()
