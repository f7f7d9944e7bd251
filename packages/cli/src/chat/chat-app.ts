import { textOf } from '@throughline/core';
import type { DecideCall, Message, RunEvent, RunResult } from '@throughline/core';
import type { Host } from '../command.ts';
import type { LoadedAgent } from '../agent/load-agent.ts';
import { exitCode } from '../exit-code.ts';
import { isPlain } from '../terminal/graphemes.ts';
import { span, wrap } from '../terminal/line.ts';
import type { Key } from '../terminal/key-decoder.ts';
import { LineEditor } from '../terminal/line-editor.ts';
import { LiveScreen } from '../terminal/live-screen.ts';
import { cleanerFor } from '../terminal/clean-text.ts';
import { paintFor } from '../terminal/style.ts';
import type { Style } from '../terminal/style.ts';
import { AskQueue } from './ask-queue.ts';
import { isCommand } from './chat-commands.ts';
import { ChatRun } from './chat-run.ts';
import type { ChatSession } from './chat-session.ts';
import type { HistoryFile } from './history-file.ts';
import { inputRegion } from './input-region.ts';
import { RunView, saidLines } from './run-view.ts';
import { Spent } from './spent.ts';

/** What a chat is made of. */
export interface ChatParts {
  readonly host: Host;
  readonly loaded: LoadedAgent;
  readonly sessions: ChatSession;
  readonly history: HistoryFile;
  readonly typedBefore: readonly string[];
  /** Does what a line that begins with a slash says. */
  command(line: string): Promise<void>;
}

/** How often the screen is drawn at most, in milliseconds. */
const frameMs = 30;

/** A conversation at a terminal: takes keys, drives the run, draws the screen. `ended` resolves to the exit code. */
export class ChatApp {
  readonly parts: ChatParts;
  readonly screen: LiveScreen;
  readonly clean: (text: string) => string;
  readonly spent = new Spent();
  readonly ended: Promise<number>;
  readonly running: ChatRun;
  readonly #view: RunView;
  readonly #asks: AskQueue;
  readonly #editor: LineEditor;
  readonly #answer = new LineEditor();
  #hint = '';
  #queued: string[] = [];
  #mayLeave = false;
  #isLeaving = false;
  #frame: NodeJS.Timeout | undefined;
  #end: (code: number) => void = () => {};

  constructor(parts: ChatParts) {
    const { host, typedBefore } = parts;
    this.parts = parts;
    const cleaner = cleanerFor(host.env);
    this.clean = (text) => cleaner.clean(text);
    this.screen = new LiveScreen(host.stdout, paintFor(host.stdout, host.env));
    this.#view = new RunView(this.screen, cleaner);
    this.#editor = new LineEditor(typedBefore);
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#asks = new AskQueue({
      width: this.screen.width,
      clean: this.clean,
      changed: (question) => {
        this.#answer.clear();
        this.#hint = '';
        this.screen.print((question?.lines ?? []).flatMap((line) => this.#wrapped(line)));
        this.changed();
      },
    });
    this.running = new ChatRun(host.env, {
      heard: (event) => this.#hear(event),
      ended: (result) => this.#told(result),
      failed: (error, wasStopped) => this.#failed(error, wasStopped),
      free: () => {
        this.#view.end();
        this.#queued = [];
        this.changed();
      },
    });
  }

  /** Whether the first screen is of plain text, and nothing is said on it until a key is read. */
  get beginsPlain(): boolean {
    const { loaded, sessions } = this.parts;
    const { state, id } = sessions.current;
    const goesOn = state === 'cut' || state === 'suspended';
    return !goesOn && isPlain(`${loaded.agent.name}${loaded.agent.model.id}${id}`);
  }

  /** Begins: goes on with a run that was cut or waits for the person, if the session has one. */
  begin(): void {
    const { loaded, sessions } = this.parts;
    const { state, messages, id } = sessions.current;
    this.say(`${loaded.agent.name} · ${loaded.agent.model.id} · session ${id}`, 'dim');
    if (loaded.isScripted) this.say('The model is SCRIPTED: it answers by rule.', 'yellow');
    if (messages.length > 0) this.say(`${messages.length} messages were said before.`, 'dim');
    if (state === 'stopped') this.say('The last run was stopped. /resume goes on with it.', 'dim');
    if (state === 'cut' || state === 'suspended') this.resume();
    clearTimeout(this.#frame);
    this.#frame = undefined;
    this.#draw(); // at once: a person waits for the prompt
  }

  /** A line in the scrollback. */
  say(text: string, ...styles: readonly Style[]): void {
    const lines = this.clean(text).split('\n');
    this.screen.print(lines.flatMap((line) => this.#wrapped([span(line, ...styles)])));
    this.changed();
  }

  key(key: Key): void {
    const mayLeave = this.#mayLeave;
    this.#mayLeave = false;
    this.#hint = '';
    if (key.ctrl && key.name === 'c') this.#interrupt(mayLeave);
    else if (key.name === 'escape') this.running.stop();
    else if (key.ctrl && key.name === 't') this.#showWhole('Thoughts', this.#view.lastReasoning);
    else if (key.ctrl && key.name === 'o') this.#showResult();
    else if (this.#asks.current !== undefined) this.#answerKey(key);
    else this.#editKey(key);
    this.changed();
  }

  /** Asks the model. */
  ask(input: string | readonly Message[]): void {
    const { loaded, sessions } = this.parts;
    const text =
      typeof input === 'string' ? input : input.map(({ content }) => textOf(content)).join('\n');
    this.screen.print(saidLines(this.clean(text), this.screen.width));
    this.running.follow((signal) =>
      loaded.agent.stream(input, { session: sessions.current, signal, decide: this.decide }),
    );
  }

  /** Goes on with the session's last run. */
  resume(): void {
    const { loaded, sessions } = this.parts;
    this.say('The last run goes on.', 'dim');
    this.running.follow((signal) =>
      loaded.agent.resume(sessions.current, { signal, decide: this.decide }),
    );
  }

  readonly decide: DecideCall = (call, { signal }) => this.#asks.decide(call, signal);

  /** Ends the chat, and what is under way. The first code counts. */
  leave(code: number): void {
    this.#isLeaving = true; // what still waits for the end of what is under way is not asked any more
    this.running.stop();
    void this.running.done.then(() => {
      clearTimeout(this.#frame);
      this.#view.settle();
      this.screen.end();
      this.#end(code);
    });
  }

  /** The screen has another size. */
  resized(): void {
    this.screen.resized();
    this.changed();
  }

  /** Something is to be drawn: soon, and once for all that happens until then. */
  changed(): void {
    this.#frame ??= setTimeout(() => {
      this.#frame = undefined;
      this.#draw();
    }, frameMs);
  }

  #draw(): void {
    this.#view.settle();
    const question = this.#asks.current;
    const { width } = this.screen;
    const queued = this.#queued.map((text) => [span(`(waits) ${text.split('\n')[0]}`, 'dim')]);
    const above = [...this.#view.live, ...queued].flatMap((line) => this.#wrapped(line));
    const region = inputRegion(question === undefined ? this.#editor : this.#answer, {
      above,
      placeholder:
        question?.hint ?? (this.running.isRunning ? 'Tell the model more' : 'Ask, or /help'),
      status: this.#hint || this.clean(this.#status()),
      width,
    });
    this.screen.draw(region);
  }

  #status(): string {
    const { loaded, sessions } = this.parts;
    const scripted = loaded.isScripted ? ' SCRIPTED' : '';
    const keys = this.running.isRunning
      ? 'Esc stops · Enter steers · Tab queues'
      : sessions.current.id;
    return `${loaded.agent.model.id}${scripted} · ${keys} · ${this.spent.words}`;
  }

  #wrapped(line: Parameters<typeof wrap>[0]) {
    return wrap(line, this.screen.width);
  }

  #interrupt(mayLeave: boolean): void {
    if (this.running.isRunning) return this.running.stop();
    if (!this.#editor.isEmpty) return this.#editor.clear();
    if (mayLeave) return this.leave(exitCode.answer);
    this.#mayLeave = true;
    this.#hint = 'Ctrl+C again leaves.';
  }

  #answerKey(key: Key): void {
    if (key.name !== 'enter' || key.alt || key.shift) return void this.#answer.handle(key);
    try {
      this.#hint = this.#asks.answer(this.#answer.take()) ?? '';
    } catch (error) {
      this.#hint = error instanceof Error ? error.message : String(error); // an answer that does not fit
    }
  }

  #editKey(key: Key): void {
    const isEnter = key.name === 'enter' && !key.alt && !key.shift && !key.ctrl;
    if (isEnter && this.#editor.continueLine()) return;
    if (isEnter) return this.#submit('steer');
    if (key.name === 'tab' && this.running.isRunning) return this.#submit('followUp');
    if (key.ctrl && key.name === 'd' && this.#editor.isEmpty) return this.leave(exitCode.answer);
    this.#editor.handle(key);
  }

  #submit(how: 'steer' | 'followUp'): void {
    const text = this.#editor.take();
    if (text.trim() === '') return;
    void this.parts.history.add(text);
    if (isCommand(text)) {
      this.parts.command(text).catch((error: unknown) => this.#failed(error, false));
      return;
    }
    this.#tell(how, text);
  }

  /** Asks, or tells a run that is under way. What neither can take waits for the end of what is under way, and may find a new run then. */
  #tell(how: 'steer' | 'followUp', text: string): void {
    if (this.#isLeaving) return;
    if (!this.running.isRunning) return this.ask(text);
    if (this.running.tell(how, text)) this.#queued.push(text);
    else void this.running.done.then(() => this.#tell(how, text));
  }

  #showResult(): void {
    const { name = '', text = '' } = this.#view.lastResult ?? {};
    this.#showWhole(`Result of ${name}`, text);
  }

  #showWhole(title: string, text: string): void {
    if (text === '') return void (this.#hint = 'There is none yet.');
    this.say(`${title}:`, 'bold');
    this.say(text, 'dim');
  }

  #hear(event: RunEvent): void {
    if (event.type === 'message' && event.source !== 'input') {
      const heard = event.messages.map(({ content }) => content);
      this.#queued = this.#queued.filter((text) => !heard.includes(text));
    }
    if (event.type === 'run.end') this.spent.add(event.usage);
    this.#view.show(event);
    this.changed();
  }

  #told(result: RunResult<unknown>): void {
    if (result.stopReason === 'limit') {
      const { name, used, max } = result.limit;
      this.say(`The limit of ${name} ended the run: ${used} of ${max}.`, 'yellow');
    }
    if (result.stopReason === 'length')
      this.say('The answer was cut at its token limit.', 'yellow');
    if (result.stopReason === 'content_filter') {
      this.say('The endpoint’s content filter cut the answer.', 'yellow');
    }
  }

  #failed(error: unknown, wasStopped: boolean): void {
    this.#view.end();
    if (wasStopped) return this.say('Stopped. /resume goes on with it.', 'yellow');
    this.say(error instanceof Error ? error.message : String(error), 'red');
  }
}
