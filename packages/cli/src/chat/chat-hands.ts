import { exitCode } from '../exit-code.ts';
import type { ChatApp } from './chat-app.ts';
import type { ChatHands } from './chat-commands.ts';
import { compactSession, lastRun } from './session-work.ts';

/** What the commands of a chat do. */
export function handsOf(app: ChatApp): ChatHands {
  const { sessions, loaded, host } = app.parts;
  const here = () => app.say(`Session ${sessions.current.id}`, 'dim');
  return {
    get isRunning() {
      return app.running.isRunning;
    },
    tools: loaded.agent.tools,
    modelWords: `${loaded.agent.model.id}${loaded.isScripted ? ', SCRIPTED: set ANYFAST_API_KEY to ask the real one' : ''}`,
    get costWords() {
      return app.spent.allWords;
    },
    say: (text, ...styles) => app.say(text, ...styles),
    newSession: async () => {
      await sessions.startNew();
      here();
    },
    listSessions: async () => {
      for (const line of await sessions.list()) app.say(line);
      app.say('/resume NUMBER opens one.', 'dim');
    },
    resumeSession: async (which) => {
      if (which !== '') {
        await sessions.switchTo(await sessions.find(which));
        here();
        app.say(`${sessions.current.messages.length} messages were said before.`, 'dim');
      }
      const { state } = sessions.current;
      if (state === 'cut' || state === 'suspended' || (which === '' && state === 'stopped')) {
        return app.resume();
      }
      if (which === '') app.say('There is nothing to resume here. /sessions lists others.', 'dim');
    },
    forkSession: async (name) => {
      await sessions.fork(name);
      here();
    },
    compact: async () => {
      app.running.work(async (signal) => {
        const done = await compactSession(sessions.current, loaded.agent.model, signal);
        app.say(done === undefined ? 'There is nothing to sum up yet.' : `Done: ${done}`, 'dim');
      });
    },
    exportSession: async (file) => {
      const path = await sessions.export(file, { cwd: host.cwd, clean: app.clean });
      app.say(`Written to ${path}`);
    },
    retry: async () => {
      const last = await lastRun(sessions.current);
      if (last === undefined) return app.say('Nothing was asked yet.', 'dim');
      await sessions.fork(undefined, last.seq - 1);
      here();
      app.ask(last.input);
    },
    exit: () => app.leave(exitCode.answer),
  };
}
