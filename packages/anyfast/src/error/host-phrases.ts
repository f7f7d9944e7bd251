/**
 * How hosts word what matters to a caller. Each pattern is tried on a few kilobytes at most and bounds what may stand between
 * its words, so that its time grows with the text alone.
 */

const near = '[^。\\n]{0,100}?';
const any = (...patterns: readonly string[]): RegExp => new RegExp(patterns.join('|'), 'i');

/** What may be too long. `max_tokens`, a picture, a file, a name and a single field are no conversation. */
const conversation =
  '(?:\\bcontext(?:[ _-]?(?:length|window|size|limit))?\\b|\\bprompt(?:[ _]tokens?)?(?![\\w])|\\binputs?\\b(?! (?:image|file|video|audio|picture|url))|\\b(?:chat )?(?:messages|history|conversation)\\b(?![.[])|(?<!output |completion |new |[\\w`])tokens?\\b|\\bsequence length\\b|\\bmax_seq_len\\b|\\bmodel (?:token )?limit\\b)';
const tooMuch =
  '(?:\\bexceed(?:s|ed|ing)?\\b|\\btoo (?:long|large|many|big)\\b|\\b(?:long|larg|great)er than\\b|\\bmore (?:\\w+ )?than\\b|\\bover the\\b|\\bmust (?:be|have) (?:<=?|less|fewer|at most|smaller)|<= ?\\d|\\bis not enough\\b|\\boverflow)';

/** The conversation is too long, in the words of some thirty hosts; facts from their public errors and documentation. */
export const overflow = any(
  `${conversation}${near}${tooMuch}`,
  `${tooMuch}${near}${conversation}`,
  // xAI, OpenRouter, vLLM, Mistral: "maximum prompt length is 131072 but the request contains 537812 tokens"
  '\\bmax(?:imum)? (?:context|prompt|input|sequence|model)[ _-]?(?:length|window|size|tokens?)? ?(?:length )?(?:is|of|:)? ?\\(?\\d',
  '\\bmax(?:imum)? context\\b|\\bcontext[ _-]?length[ _-]exceeded\\b',
  // Alibaba's DashScope and those that resell it
  '\\brange of input length should be\\b',
  // OpenAI, Groq, vLLM: "Please reduce the length of the messages or completion."
  '\\breduce (?:the (?:length|size|number) of )?(?:the |your )?(?:input |chat )?(?:messages?|prompt|input|context|history)\\b',
  'messages\\[\\d+\\]\\.content[\'"]?:?[^。\\n]{0,40}too long',
  '\\bcontext shift is disabled\\b|\\bn_ctx\\b',
  '(?:上下文|输入|提示词|对话|消息|请求内容|文本|历史记录|prompt|(?<![\\w])tokens?)(?!参数)[^。\\n]{0,40}?(?:超过|超出|超长|超限|过长|太长|过大)',
  '(?:超过|超出|大于)[^。\\n]{0,20}?(?:上下文|最大输入|输入长度|输入上限|模型最大长度)',
);

export const overflowCodes: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'context_window_exceeded',
  'context_exceeded',
  'model_context_window_exceeded',
  'exceed_context_size_error',
  'model_max_prompt_tokens_exceeded',
  'prompt_too_long',
  'input_too_long',
  'max_input_tokens_exceeded',
]);

/** What counts requests or tokens in time is no length. */
export const rateLimit =
  /rate[ _-]?limit|too many requests|throttl|\b[rt]p[md]\b|per[ -](?:min|minute|second|hour|day)|每(?:分钟|秒|小时|天|日)|频率|速率|限流|并发/i;

/** The balance is used up. */
export const exhausted = any(
  '\\bexceeded your current (?:token )?quota\\b|\\bquota is (?:exhausted|not enough)|\\binsufficient_user_quota\\b',
  '\\bcheck your (?:account balance|plan and billing)|\\b(?:please |to )recharge\\b|\\btop[ -]?up\\b',
  '\\binsufficient (?:account |wallet )?(?:balance|funds?|credits?|quota)\\b',
  '\\b(?:balance|credits?|funds?)\\b[^.\\n]{0,40}?\\b(?:insufficient|too low|not enough|exhausted|used up|depleted|negative|run out|is 0|is zero)\\b',
  '\\b(?:out of|no (?:more |remaining )?|not enough|requires more|run out of) ?(?:credits?|funds|balance)\\b',
  '\\bpayment (?:is )?required\\b|\\bbilling (?:hard )?limit\\b|\\bbilling is not active\\b|\\bspend(?:ing)? (?:limit|cap)\\b',
  '\\boverdue\\b|\\barrear|\\baccount is in good standing\\b|\\bservice has been (?:paused|suspended)\\b',
  '(?:余额|额度|配额|资源包|资源点|点数|积分|credits?)[^。\\n]{0,12}?(?:不足|已?用尽|已?用完|耗尽|为负|已?过期|为零|为 ?0)',
  '欠费|请?(?:先|及时|前往|尽快)?充值|账单(?:已)?逾期',
);

export const exhaustedCodes: ReadonlySet<string> = new Set([
  'exceeded_current_quota_error',
  'insufficient_user_quota',
  'pre_consume_token_quota_failed',
  'insufficient_quota',
  'insufficient_balance',
  'insufficient_funds',
  'insufficientbalance',
  'arrearage',
  'accountoverdueerror',
  'serviceoverdue',
  'billing_error',
  'billing_not_active',
  'billing_hard_limit_reached',
  'credit_balance_too_low',
  'payment_required',
]);

export const unserved = any(
  '\\bnot found the model\\b|\\bno available channel\\b|\\bfailed to get available channel\\b|无可用渠道',
  '\\bmodel\\b[^.\\n]{0,200}?(?:does not exist|not found|not exist)|模型[^。\\n]{0,60}?不存在',
);

export const tooLarge =
  /request exceeds the maximum size|total message size[^.\n]{0,40}?exceeds|request (?:body|entity)(?: is)? too large|entity too large|payload too large/i;

export const crowded = /saturated|overloaded|上游负载已饱和|系统繁忙|服务繁忙/i;

export const filtered =
  /high risk|sensitive[ _]words|content_?filter|data_?inspection_?failed|inappropriate content|敏感(?:词|内容)|违规内容/i;

/** A quota of hours or days: to ask again in a minute is of no use. */
export const lasting =
  /\b[rt]pd\b|\bper[ -](?:day|week|month)\b|\b(?:daily|weekly|monthly)\b|(?:每日|当日|今日|每天|每周|每月)/i;

/** Node's own HTTP/2 server, asked in HTTP/1.1, says this with status 403. */
export const wantsHttp2 =
  /unknown alpn|missing alpn|http\/2 (?:is )?(?:required|only)|requires http\/2/i;
