/**
 * Every sentence that scripts write, in both languages: `key: [Chinese, English]`. `{name}` is filled in. What stands on
 * a page without any script is in its HTML, also in both languages side by side; no sentence is written twice.
 *
 * `error.*` says what went wrong and `advice.*` what to do, by the API's error code; where there is no advice of its own,
 * reloading the page is the one.
 *
 * @type {Record<string, [chinese: string, english: string]>}
 */
export const strings = {
  // Both pages
  "gui-title": ["文字生成图片 · Free Flux", "Text to image · Free Flux"],
  "usage-title": ["Free Flux · 一个链接，一张图片", "Free Flux · A link that is a picture"],
  "theme-to-dark": ["切换到深色", "Switch to dark"],
  "theme-to-light": ["切换到浅色", "Switch to light"],
  copied: ["已复制", "Copied"],
  copy: ["复制", "Copy"],
  "copy-failed": ["未能复制", "Not copied"],
  cancel: ["取消", "Cancel"],
  seconds: ["{seconds} 秒", "{seconds} s"],

  // The form
  count: ["{count} / {most}", "{count} / {most}"],
  "advanced-set": ["已设 {count} 项", "{count} set"],
  "prompt-missing": ["先写下想看到的画面。", "Write what you want to see first."],
  "too-long": ["最多 {most} 个字符。", "At most {most} characters."],
  "size-limits": ["宽和高都应是 64 到 2048 之间的整数。", "Width and height are whole numbers from 64 to 2,048."],
  "seed-limits": [
    "种子是 0 到 9999999999 的整数，或留空。",
    "A seed is a whole number from 0 to 9,999,999,999, or empty.",
  ],
  "steps-limits": ["步数是 1 到 100 的整数，或留空。", "Steps are a whole number from 1 to 100, or empty."],
  "guidance-limits": ["引导强度在 0 到 20 之间，或留空。", "Guidance is from 0 to 20, or empty."],
  "seed-dice": ["掷一个种子", "Roll a seed"],
  "seed-lock": ["锁住种子", "Lock the seed"],
  "seed-unlock": ["解锁种子", "Unlock the seed"],
  "seed-kept": ["种子 {seed} 已锁住，用于之后的图片。", "Seed {seed} is locked for the next pictures."],

  // While it works
  "drawing-now": ["正在生成图片。", "Drawing the picture."],
  "already-drawing": ["这张图正在生成。", "This picture is being drawn already."],
  "phase-optimizing": ["正在优化提示词", "Optimizing the prompt"],
  "phase-translating": ["正在翻译提示词", "Translating the prompt"],
  "phase-drawing": ["正在绘制", "Drawing"],
  "phase-long": ["免费的模型有点忙，还在排队，最长约一分钟", "The free model is busy; still waiting, up to a minute"],
  "phase-receiving": ["正在接收图片", "Receiving the picture"],
  "phase-fetching": ["正在取回图片", "Fetching the picture"],

  // The result
  done: ["图片好了。", "The picture is ready."],
  "done-fallback": ["图片好了，但提示词未能改写。", "The picture is ready, but the prompt could not be rewritten."],
  download: ["下载", "Download"],
  open: ["打开", "Open"],
  "another-seed": ["换个种子再来", "Another seed"],
  "copy-as": ["复制为", "Copy as"],
  "copy-link": ["链接", "Link"],
  "copy-markdown": ["Markdown", "Markdown"],
  "copy-html": ["HTML", "HTML"],
  "copy-curl": ["curl", "curl"],
  "drawn-prompt": ["实际绘制的提示词", "The prompt that was drawn"],
  "status-original": ["原样", "As written"],
  "status-translated": ["已翻译", "Translated"],
  "status-optimized": ["已优化", "Optimized"],
  "status-fallback": ["未能改写", "Not rewritten"],
  "fallback-note": [
    "语言模型没有及时回答，用的是原来的提示词。十分钟后再请求会重新改写。",
    "The language model did not answer in time, so the prompt was used as written. Asked again in ten minutes, it is rewritten.",
  ],
  "fact-model": ["模型", "Model"],
  "fact-seed": ["种子", "Seed"],
  "fact-size": ["尺寸", "Size"],
  "fact-time": ["用时", "Time"],
  "fact-source": ["来源", "Source"],
  "fact-kept": ["保存", "Kept"],
  "source-made": ["新生成", "Newly drawn"],
  "source-stored": ["已有，直接取回", "Found in the store"],
  "not-stored": ["这里不保存图片，链接会重新生成", "Nothing is stored here; the link draws it again"],

  // History
  "history-count": ["{count} 条", "{count}"],
  "clear-all": ["全部清除", "Clear all"],
  "clear-sure": ["确定清除 {count} 条？", "Clear all {count}?"],
  cleared: ["历史已清除。", "The history is cleared."],
  removed: ["已从历史中移除。", "Removed from the history."],
  "remove-one": ["从历史中移除：{prompt}", "Remove from the history: {prompt}"],
  gone: ["不再保存，点开可重新生成", "No longer stored; open to draw it again"],
  "not-loaded": ["未能加载", "Could not be loaded"],

  // Access
  "token-needed": ["这个服务要凭令牌才能生成新图片。", "This service makes new pictures for those with a token."],
  "token-wrong": ["这个令牌不对，请检查后再输入。", "That token was not accepted. Check it and enter it again."],
  "token-kept": [
    "这个浏览器里存有一个令牌。可以换掉或忘记它。",
    "A token is kept in this browser. Replace it, or have it forgotten.",
  ],

  // After a failure
  retry: ["重试", "Try again"],
  "retry-now": ["现在重试", "Try now"],
  "retry-in": ["{seconds} 秒后自动重试", "Trying again in {seconds} s"],
  "retry-at": ["{time} 之后可以再试。", "It is worth another try after {time}."],
  "make-again": ["重新生成", "Draw it again"],
  edit: ["修改", "Edit"],
  "offline-banner": ["当前离线。恢复连接后会继续。", "You are offline. Things go on when the connection is back."],

  "error.missing_prompt": ["缺少提示词", "There is no prompt"],
  "advice.missing_prompt": ["写下想看到的画面，再试一次。", "Write what you want to see, and try again."],
  "error.invalid_parameter": ["有个参数不对", "A setting is not accepted"],
  "advice.invalid_parameter": ["请改正 {parameter}，再试一次。", "Correct {parameter}, and try again."],
  "error.invalid_json": ["服务没有读懂请求", "The service could not read the request"],
  "error.unauthorized": ["需要访问令牌", "An access token is needed"],
  "advice.unauthorized": [
    "重试时输入令牌。已保存的图片无需令牌。",
    "Try again and enter a token. Stored pictures need none.",
  ],
  "error.invalid_signature": ["链接的签名不对", "The link's signature is not right"],
  "advice.invalid_signature": [
    "这里只接受签过名的链接。请向部署者索取新的链接或令牌。",
    "Signed links only. Ask whoever runs this service for a new link, or a token.",
  ],
  "error.signature_expired": ["签名链接已过期", "The signed link has expired"],
  "advice.signature_expired": ["请向部署者索取新的链接。", "Ask whoever runs this service for a new one."],
  "error.referer_not_allowed": ["不允许从这个网站生成图片", "Pictures cannot be made from this site"],
  "advice.referer_not_allowed": [
    "部署者限定了来源网站。请在允许的网站上使用。",
    "The service is limited to certain sites. Use it from one of those.",
  ],
  "error.not_found": ["没有这个地址", "There is nothing at this address"],
  "error.image_not_found": ["这张图片不再保存", "This picture is no longer stored"],
  "advice.image_not_found": [
    "可以按原来的设置重新生成。没有种子时，画面会有所不同。",
    "It can be drawn again from its settings. Without a seed it will look different.",
  ],
  "error.model_not_found": ["没有这个模型", "There is no such model"],
  "advice.model_not_found": ["请在高级设置里换一个模型。", "Choose another model under Advanced."],
  "error.method_not_allowed": ["服务不接受这种请求", "The service does not take this kind of request"],
  "error.body_too_large": ["请求太大", "The request is too large"],
  "advice.body_too_large": ["请缩短提示词。", "Shorten the prompt."],
  "error.unsupported_media_type": ["服务不接受这种格式", "The service does not take this format"],
  "error.prompt_rejected": ["模型拒绝了这个请求", "The model refused this request"],
  "advice.prompt_rejected": [
    "换个说法，或换个尺寸再试。模型的说明如下：",
    "Put it in other words, or choose another size. What the model said:",
  ],
  "error.rate_limited": ["请求太快了", "Too many new pictures"],
  "advice.rate_limited": [
    "稍等片刻。已有的图片不受限制。",
    "Wait a moment. Pictures that exist already are not limited.",
  ],
  "error.misconfigured": ["服务还没有设置好", "The service is not set up yet"],
  "advice.misconfigured": ["如果这是你部署的，请检查这项设置：", "If you run it, look at this setting:"],
  "error.upstream_error": ["图片服务出了差错", "The image service failed"],
  "advice.upstream_error": ["通常再试一次就好。", "Trying again usually helps."],
  "error.keys_exhausted": ["免费额度暂时用完了", "The free quota is used up for now"],
  "advice.keys_exhausted": ["所有密钥都在等待恢复。", "Every key is waiting for its quota to come back."],
  "error.store_unavailable": ["暂时读不到图片", "The picture cannot be read just now"],
  "advice.store_unavailable": ["存储暂时没有回应。", "The store did not answer."],
  "error.upstream_timeout": ["图片服务太慢了", "The image service took too long"],
  "advice.upstream_timeout": ["它可能正忙，请再试一次。", "It may be busy. Try again."],

  "error.offline": ["当前离线", "You are offline"],
  "advice.offline": ["恢复连接后会自动继续。", "It goes on by itself when the connection is back."],
  "error.unreachable": ["连不上服务", "The service cannot be reached"],
  "advice.unreachable": ["请检查网络，再试一次。", "Check the connection, and try again."],
  "error.url-too-long": ["提示词太长，网址放不下", "The prompt is too long for a URL"],
  "advice.url-too-long": [
    "请缩短：连同“不想看到的”，大约放得下 1700 个汉字。",
    "Shorten it: some 1,700 Chinese characters fit, negative prompt included.",
  ],
  "error.not-an-image": ["收到的不是图片", "What came back is not a picture"],
  "error.cancelled": ["已取消", "Cancelled"],
  "advice.cancelled": [
    "服务可能仍会画完，重试时可直接取回。",
    "The service may finish it all the same; trying again then finds it.",
  ],
  "advice.reload": ["请刷新页面后重试。", "Reload the page and try again."],
  "error.unknown": ["出了意料之外的差错", "Something unexpected went wrong"],
  "advice.unknown": ["请稍后再试。", "Try again in a while."],
};
