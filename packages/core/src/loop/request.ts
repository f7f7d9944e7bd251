import type { AnswerGiven } from '../base/event.ts';
import { ThroughlineError } from '../base/error.ts';
import type { AssistantMessage } from '../base/message.ts';
import type { Model, ModelRequest, ToolSpec } from '../base/model.ts';
import { changeOf } from '../history/request-change.ts';
import type { Spent } from '../limits/limit.ts';
import type { Reached } from '../limits/reached.ts';
import type { StepScope } from '../record/recorder.ts';
import type { StepChoice } from './prepare-step.ts';
import type { RunState } from './run-state.ts';
import type { Writable } from '../base/writable.ts';

export interface Answering {
  readonly state: RunState;
  readonly step: number;
  readonly scope: StepScope;
  readonly spent: Spent;
  readonly reached: Reached | undefined;
  /** What the host has chosen for the step, once it has. */
  choice?: StepChoice | undefined;
}
/** What the host says about the step; it is asked once. */
export async function choiceOf({ state, step, spent }: Answering): Promise<StepChoice> {
  const { config, messages, toolset } = state;
  const names = [...toolset.tools.keys()];
  const choice = (await config.prepareStep?.({ step, messages, tools: names, spent })) ?? {};
  for (const name of choice.tools ?? []) {
    if (names.includes(name)) continue;
    throw new ThroughlineError(
      'invalid_option',
      `prepareStep chose the tool "${name}" for step ${step}; the tools are: ${names.join(', ')}.`,
    );
  }
  return choice;
}
export function toRequest(
  { state, step, choice = {}, reached }: Answering,
  specs: readonly ToolSpec[],
): { readonly model: Model; readonly request: ModelRequest } {
  const { config, messages, toolset } = state;
  for (const [name, reason] of toolset.leftOut) {
    if (state.notified.has(`left out ${name}`)) continue;
    state.notified.add(`left out ${name}`);
    const message = `The tool "${name}" is left out: ${reason}`;
    state.sink.emit({ type: 'warning', runId: state.runId, step, message });
  }
  const chosen = choice.tools && new Set(choice.tools);
  const forced = config.output === undefined ? 'none' : { name: config.output.tool.name };
  const request: Writable<ModelRequest> = {
    messages: choice.messages ?? messages,
    tools: chosen === undefined ? specs : specs.filter(({ name }) => chosen.has(name)),
    toolChoice: reached === undefined ? (choice.toolChoice ?? 'auto') : forced,
  };
  if (choice.thinking !== undefined) request.thinking = choice.thinking;
  if (config.parameters !== undefined || choice.parameters !== undefined) {
    const parameters = { ...config.parameters, ...choice.parameters };
    if (Object.keys(parameters).length > 0) request.parameters = parameters;
  }
  return { model: choice.model ?? config.model, request };
}
/** What of a question is to be recorded with its answer: nothing where it is as the one before. */
export function requestChange(
  state: RunState,
  request: ModelRequest,
  { id }: Model,
): Pick<AnswerGiven, 'request'> | undefined {
  const { config, messages, asked } = state;
  const { instructions } = config;
  const change = changeOf(asked, { model: id, instructions, request, messages });
  // A list that says the same is not compared again.
  if (asked && !change?.tools && asked.tools !== request.tools) {
    state.asked = { ...asked, tools: request.tools };
  }
  return change && { request: change };
}
/** Why a tool may not be called in this step, though it exists; undefined where it may. */
type Barrier = (name: string) => string | undefined;
/** What a model was not offered it may not do, even if it knows of it from earlier steps. */
export function barrier(
  { state, reached }: Answering,
  { tools, toolChoice }: ModelRequest,
): Barrier {
  const { config, toolset } = state;
  return (name) => {
    if (reached !== undefined) {
      const { max, name: unit } = reached.reading;
      if (name === config.output?.tool.name) return undefined;
      return `the run has reached its limit of ${max} ${unit}, and no more calls are made`;
    }
    if (!toolset.tools.has(name)) return undefined; // the words for an unknown name are better
    const offered = toolChoice !== 'none' && tools.some((tool) => tool.name === name);
    return offered ? undefined : `"${name}" is not to be called in this step`;
  };
}
/** The calls of an answer that are barred, by their place; undefined where none is, as nearly always. */
export function barredCalls(
  { tool_calls: calls = [] }: AssistantMessage,
  bar: Barrier,
): Pick<AnswerGiven, 'barred'> | undefined {
  let barred: Record<number, string> | undefined;
  for (const [at, { function: named }] of calls.entries()) {
    const reason = bar(named.name);
    if (reason !== undefined) (barred ??= {})[at + 1] = reason;
  }
  return barred && { barred };
}
