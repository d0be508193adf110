"""PyPI's `huggingface_hub`: the chat of its InferenceClient, pointed at another service."""

from huggingface_hub import InferenceClient


def chat(origin, messages, **asked):
    client = InferenceClient(base_url=f"{origin}/v1", api_key="any")
    answer = client.chat_completion(messages, model="flux", **asked)
    return {
        "content": answer.choices[0].message.content,
        "finish": answer.choices[0].finish_reason,
        "usage": dict(answer.usage),
    }


def chat_stream(origin, messages, **asked):
    client = InferenceClient(base_url=f"{origin}/v1", api_key="any")
    content, usage, last = "", None, None
    for chunk in client.chat_completion(messages, model="flux", stream=True, **asked):
        if chunk.choices:
            content += chunk.choices[0].delta.content or ""
            last = chunk.choices[0].finish_reason
        usage = chunk.usage or usage
    return {"content": content, "finish": last, "usage": dict(usage) if usage else None}


def create(origin, messages, **asked):
    """The same under OpenAI's names."""
    client = InferenceClient(base_url=f"{origin}/v1", api_key="any")
    return client.chat.completions.create(messages=messages, model="flux", **asked).choices[0].message.content
