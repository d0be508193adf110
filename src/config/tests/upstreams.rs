//! The endpoints and the chat APIs that settings bring about.

use super::*;

const FLUX: &str = "black-forest-labs/FLUX.1-schnell";
const SILICONFLOW: &str = "https://api.siliconflow.cn/v1/image/generations";
const GLM: &str = "https://open.bigmodel.cn/api/paas/v4/chat/completions";

/// Each endpoint's host, with its name for a model.
fn having<'a>(config: &'a Config, model: &'a str) -> Vec<(&'a str, &'a str)> {
    config.endpoints.iter().filter_map(|endpoint| Some((endpoint.host(), endpoint.name_of(model)?))).collect()
}

fn chats(config: &Config) -> Vec<(ChatKind, &str)> {
    config.chats.iter().map(|chat| (chat.kind, chat.model.as_str())).collect()
}

fn urls(config: &Config) -> Vec<&str> {
    config.endpoints.iter().filter_map(|endpoint| endpoint.address.url()).map(Url::as_str).collect()
}

#[test]
fn workers_ai_draws_where_it_is_bound_and_not_switched_off() {
    let config = with_ai(&[], true);
    assert_eq!((config.check_can_make(), config.endpoints.len()), (Ok(()), 1));
    assert_eq!(having(&config, FLUX), [("Workers AI", "@cf/black-forest-labs/flux-1-schnell")]);
    let ai = config.endpoints.first();
    assert_eq!(ai.map(|ai| (ai.priority, ai.per_day)), Some((Priority::Last, Some(170))));
    assert!(super::config(&[]).endpoints.is_empty());
    let off = with_ai(&[("WORKERS_AI", "off")], true);
    assert!(off.endpoints.is_empty() && off.chats.is_empty() && off.check().is_ok());
}

#[test]
fn workers_ai_is_last_unless_it_is_to_be_first() {
    for (setting, hosts) in
        [("last", ["api.siliconflow.cn", "Workers AI"]), ("First", ["Workers AI", "api.siliconflow.cn"])]
    {
        let config = with_ai(&[("IMAGE_API_KEYS", "k"), ("WORKERS_AI", setting), ("WORKERS_AI_PER_DAY", "0")], true);
        assert_eq!(config.endpoints.iter().map(Endpoint::host).collect::<Vec<_>>(), hosts);
        assert!(config.endpoints.iter().all(|endpoint| endpoint.per_day.is_none()));
    }
}

#[test]
fn workers_ai_has_the_models_of_its_map_and_its_own_by_their_names() {
    let lucid = "@cf/leonardo/lucid-origin";
    let models = format!("{FLUX},{lucid}");
    let config = with_ai(&[("IMAGE_MODELS", &models)], true);
    assert_eq!(having(&config, lucid), [("Workers AI", lucid)]);
    let map = r#"{"kolors":"@cf/lykon/dreamshaper-8-lcm"}"#;
    let config = with_ai(&[("IMAGE_MODELS", "Kolors"), ("WORKERS_AI_MODELS", map)], true);
    assert_eq!(having(&config, "Kolors"), [("Workers AI", "@cf/lykon/dreamshaper-8-lcm")]);
    assert!(having(&config, FLUX).is_empty());
}

#[test]
fn a_bigmodel_key_draws_too_and_keys_are_not_asked_for_models_of_others() {
    let config = config(&[("PROCESS_API_KEY", "k.s"), ("IMAGE_API_KEYS", "k")]);
    assert_eq!(config.models, [FLUX, "Kwai-Kolors/Kolors", "cogview-3-flash"]);
    assert_eq!(having(&config, "cogview-3-flash"), [("open.bigmodel.cn", "cogview-3-flash")]);
    assert_eq!(having(&config, FLUX), [("api.siliconflow.cn", FLUX)]);
    assert!(having(&config, "@cf/leonardo/lucid-origin").is_empty());
    assert_eq!(urls(&config), [SILICONFLOW, "https://open.bigmodel.cn/api/paas/v4/images/generations"]);
    let elsewhere = ("PROCESS_API_URL", "https://api.z.ai/api/paas/v4/chat/completions");
    let config = super::config(&[("PROCESS_API_KEY", "k.s"), elsewhere]);
    assert!(config.endpoints.is_empty() && config.models.len() == 2);
    let config = super::config(&[("PROCESS_API_KEY", "k.s"), ("IMAGE_MODELS", "Cat")]);
    assert!(config.endpoints.is_empty() && config.models == ["Cat"]);
}

#[test]
fn a_provider_with_models_of_its_own_draws_with_those() {
    let sensenova = r#"[{"provider":"sensenova","key":"k"}]"#;
    let config = config(&[("IMAGE_ENDPOINTS", sensenova)]);
    assert_eq!(config.models, [FLUX, "Kwai-Kolors/Kolors", "sensenova-u1-fast"]);
    let config = super::config(&[("IMAGE_ENDPOINTS", sensenova), ("IMAGE_API_KEYS", "k")]);
    assert_eq!(config.models, [FLUX, "Kwai-Kolors/Kolors"]);
}

#[test]
fn callers_are_told_a_vendors_name_and_no_address_of_the_owners() {
    let own = r#"[{"url":"https://gateway.internal.test/v1","key":"k"},
        {"url":"https://notsiliconflow.cn/v1/image/generations","key":"k"},{"provider":"together","key":"k"}]"#;
    let config = with_ai(&[("IMAGE_ENDPOINTS", own), ("IMAGE_API_KEYS", "k"), ("PROCESS_API_KEY", "k")], true);
    let mut vendors: Vec<_> = config.endpoints.iter().map(Endpoint::vendor).collect();
    vendors.sort_unstable();
    let known = ["BigModel", "SiliconFlow", "Together AI", "Workers AI"].map(Some);
    assert_eq!(vendors, [&[None, None], known.as_slice()].concat());
}

#[test]
fn prompts_are_rewritten_by_whatever_there_is_in_this_order() {
    let all = [("PROCESS_API_KEY", "k.s"), ("IMAGE_API_KEYS", "k1,k2")];
    let config = with_ai(&all, true);
    let bigmodel = ["glm-4-flash", "glm-4-flash-250414", "glm-4.7-flash"].map(|model| (ChatKind::BigModel, model));
    let siliconflow = [
        "Qwen/Qwen2.5-7B-Instruct",
        "THUDM/GLM-4-9B-0414",
        "Qwen/Qwen3-8B",
        "Qwen/Qwen3.5-4B",
        "tencent/Hunyuan-MT-7B",
    ]
    .map(|model| (ChatKind::SiliconFlow, model));
    let ai = ["@cf/meta/llama-3.2-3b-instruct", "@cf/meta/m2m100-1.2b"].map(|model| (ChatKind::WorkersAi, model));
    assert_eq!(chats(&config), [&bigmodel[..], &siliconflow, &ai].concat());
    let keys = config.chats.iter().filter(|chat| chat.kind == ChatKind::SiliconFlow);
    let keys: Vec<_> =
        keys.filter_map(|chat| Some((chat.key.as_ref()?.expose(), chat.address.url()?.as_str()))).collect();
    let url = "https://api.siliconflow.cn/v1/chat/completions";
    assert_eq!(keys, [("k1", url), ("k2", url), ("k1", url), ("k2", url), ("k1", url)]);
    let without = [all[0], all[1], ("PROCESS_FALLBACK", "off")];
    assert_eq!(chats(&with_ai(&without, true)), bigmodel);
    assert_eq!(chats(&with_ai(&[], true)), ai);
    assert!(chats(&super::config(&[])).is_empty());
}

#[test]
fn no_key_goes_to_a_host_of_another_vendor() {
    for (url, host) in [
        ("https://api.siliconflow.com/v1/images/generations", Some("api.siliconflow.com")),
        ("https://notsiliconflow.cn/v1/image/generations", None),
        ("https://api.together.xyz/v1/images/generations", None),
    ] {
        let config = config(&[("IMAGE_API_KEYS", "k"), ("IMAGE_API_URL", url)]);
        assert_eq!(config.chats.first().map(ChatApi::host), host, "{url}");
    }
    let endpoint = r#"[{"url":"https://api.siliconflow.cn/v1/images/generations","key":"k"}]"#;
    assert!(config(&[("IMAGE_ENDPOINTS", endpoint)]).chats.is_empty());
}

#[test]
fn the_ids_of_a_chat_api_are_of_its_address_and_key() {
    let config = with_ai(&[("PROCESS_API_KEY", "k.s"), ("IMAGE_API_KEYS", "k1")], true);
    let ids: Vec<_> = config.chats.iter().map(ChatApi::key_id).collect();
    assert!(ids[0] == ids[1] && ids[0] != ids[3] && ids[3] == ids[4] && ids[3] != ids[8]);
}

#[test]
fn lists_and_values_are_read_as_people_type_them() {
    for (name, text) in [
        ("IMAGE_MODELS", "A，B"),
        ("IMAGE_MODELS", "A；B;"),
        ("IMAGE_MODELS", "A\nB\r\n"),
        ("IMAGE_MODELS", "\"A,B\""),
        ("IMAGE_MODELS", "\"A\",\"B\""),
        ("IMAGE_MODELS", "'A', “B”"),
        ("IMAGE_MODELS", " “A;B” "),
        ("IMAGE_MODELS", "A,B,a"),
    ] {
        assert_eq!(config(&[(name, text)]).models, ["A", "B"], "{text}");
    }
    let keys = config(&[("IMAGE_API_KEYS", "\"k1;k2\"")]);
    let keys: Vec<_> = keys.endpoints.iter().filter_map(|endpoint| endpoint.key.as_ref()).map(Secret::expose).collect();
    assert_eq!(keys, ["k1", "k2"]);
    let quoted = r#"'[{"url":"https://a.test/images/generations"}]'"#;
    assert_eq!(config(&[("IMAGE_ENDPOINTS", quoted), ("DEFAULT_SIZE", "\"768x512\"")]).check(), Ok(()));
    assert_eq!(config(&[("IMAGE_API_KEYS", "\"\""), ("DEFAULT_SIZE", "''")]).check(), Ok(()));
}

#[test]
fn a_base_url_is_completed_or_refused() {
    for (url, whole) in [
        ("https://api.siliconflow.cn/v1", SILICONFLOW),
        ("\"https://api.siliconflow.cn/v1/\"", SILICONFLOW),
        ("https://api.siliconflow.cn", SILICONFLOW),
        ("https://gateway.test/v1", "https://gateway.test/v1/images/generations"),
    ] {
        assert_eq!(urls(&config(&[("IMAGE_API_KEYS", "k"), ("IMAGE_API_URL", url)])), [whole], "{url}");
    }
    for url in ["https://api.siliconflow.cn/v1/chat/completions", "https://gateway.test/", "https://gateway.test/v2"] {
        let error = config(&[("IMAGE_API_KEYS", "k"), ("IMAGE_API_URL", url)]).check().err();
        assert!(error.is_some_and(|error| error.to_string().contains("IMAGE_API_URL")), "{url}");
    }
    for (url, whole) in [
        ("https://open.bigmodel.cn/api/paas/v4/", GLM),
        ("https://open.bigmodel.cn/api/paas/v4", GLM),
        ("https://open.bigmodel.cn", GLM),
        (GLM, GLM),
        ("https://open.bigmodel.cn/api/paas/v4/chat/completions/", GLM),
        ("https://gateway.test/v1", "https://gateway.test/v1/chat/completions"),
        ("https://gateway.test/", "https://gateway.test/v1/chat/completions"),
        ("https://gateway.test/ask", "https://gateway.test/ask"),
    ] {
        let config = config(&[("PROCESS_API_KEY", "k"), ("PROCESS_API_URL", url)]);
        let chat = config.chats.first().and_then(|chat| chat.address.url()).map(Url::as_str);
        assert_eq!(chat, Some(whole), "{url}");
    }
}

#[test]
fn models_are_compared_without_regard_to_case() {
    let config = config(&[]);
    assert_eq!(config.model_named("kwai-kolors/kolors"), Some("Kwai-Kolors/Kolors"));
    assert_eq!(config.model_named("kolors"), None);
}
