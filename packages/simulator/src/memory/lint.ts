import { documentedLimits } from '../rules/schema-rule.ts';
import { checkSchema } from '../rules/schema.ts';
import type { ChatMessage, ChatRequest } from '../wire/chat-request.ts';
import { isObject } from '../wire/json.ts';
import type { Finding } from './ledger.ts';

const known = [
  'model',
  'messages',
  'thinking',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'n',
  'presence_penalty',
  'frequency_penalty',
  'response_format',
  'tools',
  'tool_choice',
  'stream',
  'stream_options',
  'stop',
  'prompt_cache_key',
  'safety_identifier',
  'logprobs',
  'top_logprobs',
  'prediction',
];
const foreign = [
  'seed',
  'user',
  'functions',
  'function_call',
  'reasoning_effort',
  'parallel_tool_calls',
  'logit_bias',
];
const fixed = ['temperature', 'top_p', 'n', 'presence_penalty', 'frequency_penalty'];

/** Lints of a request by itself: what is let through, and is still not what a careful client sends. */
export function inspectRequest(request: ChatRequest): readonly Finding[] {
  return [
    ...inspectFields(request),
    ...inspectMessages(request.messages),
    ...inspectTools(request),
  ];
}

function inspectFields(request: ChatRequest): readonly Finding[] {
  const findings: Finding[] = [];
  const lint = (name: string, message: string): unknown => findings.push({ name, message });
  for (const field of Object.keys(request)) {
    if (foreign.includes(field)) {
      lint('foreign-field', `The field ${field} is not for this model.`);
    } else if (fixed.includes(field)) {
      lint('fixed-field', `The field ${field} has one allowed value and is better left out.`);
    } else if (!known.includes(field)) {
      lint('unknown-field', `The field ${field} is unknown; a gateway drops it.`);
    }
  }
  if (request['max_tokens'] !== undefined) {
    lint('deprecated-field', 'max_tokens is deprecated and not honored.');
  }
  if (request.stream === true && request.stream_options?.include_usage !== true) {
    lint('include-usage-missing', 'A stream without include_usage may lose its finishing chunk.');
  }
  if (request.thinking === undefined) {
    lint('thinking-unsaid', 'thinking is not sent; some hosts stall without it.');
  }
  return findings;
}

function inspectMessages(messages: readonly ChatMessage[]): readonly Finding[] {
  const findings: Finding[] = [];
  const lint = (name: string, message: string): unknown => findings.push({ name, message });
  let expected: unknown[] = [];
  let answered: unknown[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) continue;
    if (message.role === 'tool') {
      const id = message.tool_call_id;
      if (answered.includes(id) && !expected.includes(id)) {
        lint('result-duplicated', `The message at index ${index} answers ${id} once more.`);
      } else if (expected.includes(id) && expected[0] !== id) {
        lint('results-out-of-order', `The result at index ${index} is not in call order.`);
      }
      const at = expected.indexOf(id);
      if (at >= 0) expected.splice(at, 1);
      answered.push(id);
      continue;
    }
    const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
    expected = calls.map((call) => call?.id);
    answered = [];
    if (calls.length > 0 && message.content === '') {
      lint(
        'empty-content',
        `The answer at index ${index} sends an empty content beside its calls.`,
      );
    }
    if (new Set(expected).size < expected.length) {
      lint('ids-duplicated', `Two calls of the answer at index ${index} have one id.`);
    }
  }
  return findings;
}

function inspectTools(request: ChatRequest): readonly Finding[] {
  const { tools, messages } = request;
  const called = messages.some((message) => Array.isArray(message?.tool_calls));
  if (!Array.isArray(tools) || tools.length === 0) {
    const findings: Finding[] = [];
    if (tools !== undefined) {
      findings.push({ name: 'empty-tools', message: 'An empty list of tools is better left out.' });
    }
    if (called) {
      const message = 'The history holds calls, and no tools are offered: hosts leak tokens then.';
      findings.push({ name: 'calls-without-tools', message });
    }
    return findings;
  }
  return tools.flatMap(inspectTool);
}

function inspectTool(tool: unknown): readonly Finding[] {
  const of = isObject(tool) ? tool['function'] : undefined;
  if (!isObject(of)) return [];
  const findings: Finding[] = [];
  const name = String(of['name']);
  if (name.includes('-')) {
    const message = `The tool name ${name} has a hyphen, which breaks the ids of some hosts.`;
    findings.push({ name: 'hyphen-in-name', message });
  }
  const beyond = checkSchema(of['parameters'], documentedLimits);
  if (beyond && !checkSchema(of['parameters'])) {
    const message = `The parameters of ${name} exceed a documented limit: at ${beyond.path}, ${beyond.reason}.`;
    findings.push({ name: 'schema-large', message });
  }
  if (isObject(of['parameters']) && '$schema' in of['parameters']) {
    findings.push({ name: 'schema-keyword', message: `The parameters of ${name} send $schema.` });
  }
  return findings;
}
