import { ThroughlineError } from '../base/error.ts';
import type { AnswerGiven, RecordedEvent } from '../base/event.ts';
import type { Message } from '../base/message.ts';
import type { ModelRequest } from '../base/model.ts';
import { Conversation } from './conversation.ts';
import { withChange } from './request-setup.ts';
import type { RequestSetup } from './request-setup.ts';

/** Which step of which run. The run of an agent inside a call has an id of its own. */
export interface StepOfRun {
  readonly runId: string;
  readonly step: number;
}

/** What a model was asked in one step. */
export interface RecordedRequest {
  readonly model: string;
  readonly request: ModelRequest;
}

/**
 * The question of one step, rebuilt from the events of a log: all those of a session, in order, or those of a single run after its
 * `history`. A transport can make of it the bytes that it sent (`anyfast.body`), unless the endpoint refused them and the transport sent
 * others, which a warning of the run tells. Throws `not_recorded` where no such step was answered, or where the log was written by a
 * release that did not record it.
 */
export function requestOf(
  events: Iterable<RecordedEvent>,
  at: StepOfRun,
  history: readonly Message[] = [],
): RecordedRequest {
  const conversation = new Conversation(history);
  let setup: RequestSetup | undefined;
  for (const event of events) {
    if (isInside(at.runId) ? event.runId !== at.runId : isInside(event.runId)) continue;
    if (event.type === 'answer') {
      setup = withChange(setup, event.request);
      if (event.runId === at.runId && event.step === at.step) {
        return requestFrom(setup, conversation.messages, event);
      }
    }
    conversation.add(event);
  }
  throw missing(at, 'it has no answer in this log');
}

function requestFrom(
  setup: RequestSetup | undefined,
  conversation: readonly Message[],
  answer: AnswerGiven,
): RecordedRequest {
  if (setup === undefined) {
    throw missing(answer, 'the release that wrote this log did not record how the model was asked');
  }
  const { model, instructions, tools, toolChoice, thinking, parameters } = setup;
  const all: readonly Message[] =
    instructions === ''
      ? conversation
      : [{ role: 'system', content: instructions }, ...conversation];
  const chosen = answer.request?.messages?.flatMap((one) =>
    typeof one === 'number' ? (all[one] ?? []) : [one],
  );
  const request = {
    messages: chosen ?? all,
    tools,
    toolChoice,
    ...(thinking === undefined ? {} : { thinking }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  return { model, request };
}

/** A run inside a call has the key of the call in its id. */
function isInside(runId: string): boolean {
  return /\/\d+\/call\/\d+$/.test(runId);
}

function missing({ runId, step }: StepOfRun, reason: string): ThroughlineError {
  return new ThroughlineError(
    'not_recorded',
    `The request of step ${step} of the run "${runId}" cannot be rebuilt: ${reason}.`,
  );
}
