"""PyPI's readers of Markdown, each as apps that show an assistant's answer set it up."""

import cmarkgfm
import markdown
import mistune
from markdown_it import MarkdownIt


def render(texts):
    gfm = MarkdownIt("gfm-like", {"linkify": True, "html": True, "typographer": True})
    mist = mistune.create_markdown(escape=False, plugins=["strikethrough", "footnotes", "table", "url", "task_lists"])
    readers = {
        "markdown": lambda text: markdown.markdown(text, extensions=["extra", "sane_lists", "nl2br"]),
        "markdown-it-py": gfm.render,
        "mistune": mist,
        "cmarkgfm": cmarkgfm.github_flavored_markdown_to_html,
    }
    return {name: [read(text) for text in texts] for name, read in readers.items()}
