//! Recognizes a refusal or an apology, in English or Chinese, which a chat model gives as an ordinary answer.

/// The beginnings of refusals and apologies, in lower case.
const OPENERS: &[&str] = &[
    "i'm sorry",
    "i am sorry",
    "sorry",
    "i apologize",
    "i apologise",
    "apologies",
    "my apologies",
    "unfortunately",
    "i'm afraid",
    "i can't",
    "i cannot",
    "i can not",
    "i'm unable",
    "i am unable",
    "i'm not able",
    "i am not able",
    "i won't",
    "i will not",
    "i must decline",
    "as an ai",
    "as a language model",
    "i'm an ai",
    "i am an ai",
    "your request",
    "this request",
    "this content",
    "the content you",
    "the text you",
    "the prompt you",
    "it seems that you",
    "it seems you",
    "it looks like you",
    "please provide",
    "抱歉",
    "很抱歉",
    "非常抱歉",
    "十分抱歉",
    "对不起",
    "不好意思",
    "我无法",
    "我不能",
    "作为一个",
    "作为ai",
    "作为人工智能",
    "您的请求",
    "你的请求",
    "该请求",
    "该内容",
    "根据相关",
    "请提供",
];
/// The words of which a refusal or an apology has one, in lower case.
const REFUSAL_WORDS: &[&str] = &[
    "can't",
    "cannot",
    "can not",
    "couldn't",
    "could not",
    "unable",
    "not able",
    "won't",
    "will not",
    "decline",
    "violat",
    "inappropriate",
    "not appropriate",
    "against",
    "policy",
    "policies",
    "guidelines",
    "language model",
    "assist",
    "please provide",
    "didn't provide",
    "haven't provided",
    "not provided",
    "don't see",
    "help you",
    "help with",
    "translate",
    "rewrite",
    "generate",
    "create",
    "comply",
    "fulfil",
    "无法",
    "不能",
    "不便",
    "不可以",
    "不允许",
    "不支持",
    "不适合",
    "违反",
    "拒绝",
    "语言模型",
    "帮助",
    "协助",
    "翻译",
    "生成",
    "请提供",
];

/// True if a response is a refusal or an apology instead of a prompt: it begins as one, and goes on as one. A prompt may
/// begin with "Sorry", as on a sign.
pub(super) fn is_refusal(text: &str) -> bool {
    let text = text.to_lowercase().replace('’', "'");
    let rest = OPENERS.iter().filter_map(|opener| text.strip_prefix(opener)).min_by_key(|rest| rest.len());
    rest.is_some_and(|rest| REFUSAL_WORDS.iter().any(|word| rest.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_apologies_are_none_whichever_language_they_are_in() {
        for answer in [
            "I'm sorry, but I can't assist with that request.",
            "I’m sorry, but I can’t help with that.",
            "Sorry, I cannot translate this text.",
            "I apologize, but I am unable to generate a prompt for that.",
            "I cannot fulfill this request as it violates our policies.",
            "I can't help you with that.",
            "Unfortunately, I'm not able to create such content.",
            "As an AI language model, I must follow the guidelines.",
            "Your request contains content that violates our usage policies.",
            "It seems you didn't provide a text. Please provide it.",
            "Please provide the text that you want me to translate.",
            "抱歉，我无法协助处理该请求。",
            "很抱歉，我不能翻译这段内容。",
            "对不起，这个请求违反了相关规定。",
            "我无法提供帮助。",
            "作为一个人工智能语言模型，我不能生成此类内容。",
        ] {
            assert!(is_refusal(answer), "{answer}");
        }
    }

    #[test]
    fn a_prompt_that_begins_alike_is_a_prompt() {
        for prompt in [
            "Sorry, we're closed, a wooden sign on a shop door",
            "I'm sorry for your loss, a sympathy card with white lilies",
            "I can't breathe, protest poster in red and black",
            "a robot that says I cannot assist with that",
            "Unfortunately placed park bench under a seagull",
            "对不起三个字写在沙滩上",
        ] {
            assert!(!is_refusal(prompt), "{prompt}");
        }
    }
}
