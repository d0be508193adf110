use super::*;

#[test]
fn the_prompt_alone_is_taken_from_whatever_is_around_it() {
    for answer in [
        "a cat, on a mat",
        "  a cat,\n on a mat \r\n",
        "<think>They want a cat.\nOr a dog?</think>\n\na cat, on a mat",
        "a thought that began before</think>a cat, on a mat",
        "<think>one</think>a cat, <think>two</think>on a mat<think>three",
        "```\na cat, on a mat\n```",
        "Here you are:\n```text\na cat, on a mat\n```\nEnjoy!",
        "```a cat, on a mat```",
        "\"a cat, on a mat\"",
        "“a cat, on a mat”",
        "「a cat, on a mat」",
        "『“a cat, on a mat”』",
        "`a cat, on a mat`",
        "**a cat, on a mat**",
        "Prompt: a cat, on a mat",
        "prompt：a cat, on a mat",
        "**Prompt:** a cat, on a mat",
        "**Prompt**: a cat, on a mat",
        "### Optimized Prompt:\na cat, on a mat",
        "Translation: “a cat, on a mat”",
        "“Translation: a cat, on a mat”",
        "English translation: a cat, on a mat",
        "Sure! Here's the optimized English prompt:\n\n\"a cat, on a mat\"",
        "提示词：a cat, on a mat",
        "以下是优化后的英文提示词：\n「a cat, on a mat」",
        "译文: a cat, on a mat",
        "<text-7>\na cat, on a mat\n</text-7>",
        "- a cat,\n- on a mat",
        "a cat, on a mat\n\nNote: I kept it short.",
        "a cat, on a mat\n**Negative prompt:** dogs",
        "<|begin_of_box|>a cat, on a mat<|end_of_box|>",
    ] {
        assert_eq!(clean(answer, &["<text-7>", "</text-7>"]), "a cat, on a mat", "{answer:?}");
    }
}

#[test]
fn parts_of_the_prompt_are_kept() {
    for prompt in [
        "a sign that says \"open\"",
        "\"open\" and \"closed\"",
        "a clock at 12:30",
        "Batman: the animated series",
        "poster, title: The End",
        "a cat's \"paw\"",
        "note: a cat's paw on a sheet of music",
    ] {
        assert_eq!(clean(prompt, &[]), prompt);
    }
}

#[test]
fn a_refusal_leaves_nothing() {
    for answer in
        ["I'm sorry, but I can't assist with that.", "“抱歉，我无法处理该请求。”", "Output: I cannot help with that."]
    {
        assert_eq!(clean(answer, &[]), "", "{answer}");
    }
}

#[test]
fn an_answer_of_nothing_but_wrapping_is_empty() {
    for answer in ["", " \n", "<think>never ends", "``````", "\"\"", "Prompt:", "“Prompt: ”", "\u{0}"] {
        assert_eq!(clean(answer, &[]), "", "{answer:?}");
    }
}
