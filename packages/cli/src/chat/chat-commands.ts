import type { Tool } from '@throughline/core';
import type { Style } from '../terminal/style.ts';

/** What a command of the chat may do with it. */
export interface ChatHands {
  readonly isRunning: boolean;
  readonly tools: readonly Tool[];
  readonly modelWords: string;
  readonly costWords: string;
  say(text: string, ...styles: readonly Style[]): void;
  newSession(): Promise<void>;
  listSessions(): Promise<void>;
  resumeSession(which: string): Promise<void>;
  forkSession(name: string | undefined): Promise<void>;
  compact(): Promise<void>;
  exportSession(file: string | undefined): Promise<void>;
  retry(): Promise<void>;
  exit(): void;
}

interface ChatCommand {
  readonly about: string;
  /** Whether it may be used while a run is under way. */
  readonly whileRunning?: true;
  run(chat: ChatHands, words: string): Promise<void> | void;
}

const commands: Readonly<Record<string, ChatCommand>> = {
  help: { about: 'the commands and the keys', whileRunning: true, run: (chat) => help(chat) },
  new: { about: 'begin a new session', run: (chat) => chat.newSession() },
  sessions: {
    about: 'list the stored sessions',
    whileRunning: true,
    run: (chat) => chat.listSessions(),
  },
  resume: {
    about: 'NUMBER or ID: go on with another session; alone: with a run that was stopped',
    run: (chat, words) => chat.resumeSession(words),
  },
  fork: {
    about: '[ID] go on in a copy, this session stays as it is',
    run: (chat, words) => chat.forkSession(words || undefined),
  },
  compact: {
    about: 'have the model sum up what was said before',
    run: (chat) => chat.compact(),
  },
  tools: { about: 'what the agent may call', whileRunning: true, run: (chat) => tools(chat) },
  cost: {
    about: 'tokens and price of this chat',
    whileRunning: true,
    run: (chat) => chat.say(chat.costWords),
  },
  model: {
    about: 'which model answers',
    whileRunning: true,
    run: (chat) => chat.say(chat.modelWords),
  },
  export: {
    about: '[FILE] write the session as Markdown',
    run: (chat, words) => chat.exportSession(words || undefined),
  },
  retry: { about: 'ask the last question again, in a fork', run: (chat) => chat.retry() },
  exit: { about: 'leave; the session stays', whileRunning: true, run: (chat) => chat.exit() },
};

/** Whether a line is a command: a slash and a name, no path. */
export function isCommand(line: string): boolean {
  return /^\/[a-z]*(?:\s|$)/.test(line);
}

/** Does what a command says. What goes wrong is thrown. */
export async function runCommand(line: string, chat: ChatHands): Promise<void> {
  const [, name = '', words = ''] = /^\/(\S*)\s*([^]*)$/.exec(line) ?? [];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const known = Object.keys(commands).map((one) => `/${one}`);
    return chat.say(`There is no /${name}. There are ${known.join(', ')}.`, 'yellow');
  }
  if (chat.isRunning && command.whileRunning === undefined) {
    return chat.say(`/${name} waits for the end of the run. Esc stops it.`, 'yellow');
  }
  await command.run(chat, words.trim());
}

function help(chat: ChatHands): void {
  for (const [name, { about }] of Object.entries(commands)) {
    chat.say(`${`/${name}`.padEnd(11)}${about}`);
  }
  chat.say('');
  for (const [key, about] of keys) chat.say(`${key.padEnd(11)}${about}`);
}

const keys: readonly (readonly [key: string, about: string])[] = [
  ['Enter', 'asks; while a run is under way, the model reads it with its next step'],
  ['Tab', 'while a run is under way: queues the text for after the answer'],
  ['Esc', 'stops the run'],
  ['Ctrl+J', 'a new line; also Shift+Enter, Alt+Enter, or a backslash before Enter'],
  ['↑ ↓', 'what was typed before'],
  ['Ctrl+T', 'the last thoughts, whole'],
  ['Ctrl+O', 'the last result, whole'],
  ['Ctrl+C', 'stops the run, empties the input; twice: leaves'],
  ['Ctrl+D', 'leaves, where nothing is typed'],
];

function tools(chat: ChatHands): void {
  if (chat.tools.length === 0) chat.say('The agent has no tools.');
  for (const { name, description, effect } of chat.tools) {
    const [first = ''] = description.split('\n');
    chat.say(`${name} (${effect}): ${first}`);
  }
}
