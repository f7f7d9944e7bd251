/**
 * Where each misbehaviour is known from: public documentation, code and threads, by repository and number or path.
 * Nothing here was tried against the live endpoint.
 */
export const sources = {
  'whole-answer':
    'platform.kimi.ai/docs/api/chat; kimi_model.py of MoonshotAI/Kimi-Vendor-Verifier',
  stream: 'platform.kimi.ai, guide "Utilize the streaming output feature of the Kimi API"',
  chunks:
    'MoonshotAI/kimi-code chat-completions-stream.ts; vercel/ai packages/moonshotai; vllm-project/vllm#46127',
  'gateway-stream': 'QuantumNous/new-api relay/channel/openai, relay/helper/common.go',
  'native-tokens': 'MoonshotAI/Kimi-K2 docs/tool_call_guidance.md',
  'leak-in-text': 'NousResearch/hermes-agent#24534; BerriAI/litellm#12679',
  'leak-in-reasoning': 'MoonshotAI/Kimi-K2#89; vllm-project/vllm#34955; sgl-project/sglang#18199',
  'broken-leak': 'vllm-project/vllm#32216',
  'think-tags': 'MoonshotAI/kimi-cli#2621',
  'leak-without-tools': 'vllm-project/vllm#48940',
  'odd-ids': 'vllm-project/vllm#32768; sgl-project/sglang#9606; exo-explore/exo#1413',
  'malformed-arguments': 'vllm-project/vllm#41739; MoonshotAI/kimi-cli#2165',
  'empty-arguments': 'MoonshotAI/Kimi-Vendor-Verifier; MoonshotAI/kimi-code',
  'double-encoding': 'forgecode#2764',
  'object-arguments': 'utils.py of MoonshotAI/Kimi-Vendor-Verifier',
  'meaningless-values': 'utils.py of MoonshotAI/Kimi-Vendor-Verifier',
  'finish-reason':
    'MoonshotAI/K2-Vendor-Verifier; kimi_model.py of MoonshotAI/Kimi-Vendor-Verifier',
  'unknown-tool': 'MoonshotAI/K2-Vendor-Verifier; forgecode#1141',
  'repeated-ids': 'MoonshotAI/kimi-code#2911',
  deltas: 'MoonshotAI/kimi-code chat-completions-stream.ts; badlogic/pi-mono',
  'reasoning-key': 'vllm-project/vllm#27752, #38488',
  budget: 'platform.kimi.ai/docs/guide/use-thinking-models; octo-smart-summary#2',
  'text-in-reasoning': 'vllm-project/vllm-ascend#9361',
  'endless-reasoning': 'MoonshotAI/kimi-cli#1926; MoonshotAI/Kimi-K2.5#46',
  'empty-answer': 'MoonshotAI/kimi-code, APIEmptyResponseError',
  'silent-after-result': 'opencode#28542, #36316',
  'null-content': 'platform.kimi.ai/docs/api/chat; vercel/ai packages/moonshotai',
  'broken-connection': 'MoonshotAI/kimi-code errors.ts',
  'corrupt-frames': 'reports of users of Kilo Code',
  'moonshot-errors': 'platform.kimi.ai/docs/api/errors',
  'gateway-checks': 'QuantumNous/new-api middleware/auth.go, middleware/distributor.go',
  'gateway-relay': 'QuantumNous/new-api types/error.go; songquanpeng/one-api controller/relay.go',
  'error-as-answer': 'songquanpeng/one-api controller/model.go',
  'event-stream': 'html.spec.whatwg.org/multipage/server-sent-events.html',
  'foreign-bodies': 'MoonshotAI/kimi-code errors.ts; QuantumNous/new-api service/error.go',
  'host-errors': 'the words of hosts of open models; src/fault/words.ts names each',
} as const;

/** The name of a source. */
export type Source = keyof typeof sources;
