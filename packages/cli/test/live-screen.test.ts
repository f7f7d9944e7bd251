import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { linesOf, span } from '../src/terminal/line.ts';
import { LiveScreen } from '../src/terminal/live-screen.ts';
import { loadWidths } from '../src/terminal/graphemes.ts';

await loadWidths();

/** A screen model that a live screen writes to. */
function seat(columns: number, rows: number) {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 500,
    allowProposedApi: true,
  });
  let flushed = Promise.resolve();
  const output = {
    columns,
    rows,
    writes: 0,
    write(text: string) {
      this.writes++;
      flushed = new Promise((resolve) => terminal.write(text, resolve));
    },
  };
  const screen = new LiveScreen(output, (_, text) => text);
  const shown = async () => {
    await flushed;
    const { active } = terminal.buffer;
    return [...Array(active.length).keys()]
      .map((row) => active.getLine(row)?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd();
  };
  return { terminal, output, screen, shown };
}

const live = (text: string) => {
  const lines = linesOf(text);
  return { lines, cursor: { row: lines.length - 1, column: 0 } };
};

describe('the live screen', () => {
  it('keeps finished lines, and draws the live region anew below them', async () => {
    const { screen, shown } = seat(20, 8);
    screen.draw(live('a\nb'));
    screen.print(linesOf('one\ntwo'));
    screen.draw(live('c'));
    screen.print(linesOf('three'));
    screen.draw(live('d\ne\nf'));
    expect(await shown()).toBe('one\ntwo\nthree\nd\ne\nf');
    screen.end();
    expect(await shown()).toBe('one\ntwo\nthree');
  });

  it('shows the end of a region that is higher than the screen, and leaves nothing of it in the scrollback', async () => {
    const { screen, shown } = seat(20, 5);
    for (let height = 1; height < 30; height++) {
      screen.draw(live([...Array(height).keys()].map((at) => `live ${at}`).join('\n')));
    }
    screen.print(linesOf('finished'));
    screen.draw(live('input'));
    expect(await shown()).toBe('finished\ninput');
  });

  it('writes once for each change, and not at all where nothing has changed', () => {
    const { screen, output } = seat(20, 5);
    screen.draw(live('same'));
    screen.draw(live('same'));
    expect(output.writes).toBe(1);
    screen.print([[span('x')]]);
    screen.draw(live('same'));
    expect(output.writes).toBe(2);
  });

  it('puts the cursor where it belongs', async () => {
    const { screen, shown, terminal } = seat(20, 5);
    screen.print(linesOf('above'));
    screen.draw({ lines: linesOf('› input\nstatus'), cursor: { row: 0, column: 4 } });
    await shown();
    const { cursorX, cursorY } = terminal.buffer.active;
    expect({ cursorX, cursorY }).toEqual({ cursorX: 4, cursorY: 1 });
  });
});
