"""PyPI's `langchain-openai`."""

from langchain_openai import ChatOpenAI


def model(origin, options):
    return ChatOpenAI(base_url=f"{origin}/v1", api_key="any", max_retries=0, **options)


def seen(message):
    text = message.text if isinstance(message.text, str) else message.text()
    return {
        "type": message.type,
        "text": str(text),
        "content": message.content,
        "usage": message.usage_metadata,
        "metadata": message.response_metadata,
    }


def invoke(origin, messages, options, tools=None):
    chat = model(origin, options)
    return seen((chat.bind_tools(tools) if tools else chat).invoke(messages))


def stream(origin, messages, options):
    whole = None
    pieces = 0
    for chunk in model(origin, options).stream(messages):
        whole = chunk if whole is None else whole + chunk
        pieces += 1
    return {**seen(whole), "pieces": pieces}
