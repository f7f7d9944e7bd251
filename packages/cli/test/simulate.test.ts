import { describe, expect, it } from 'vitest';
import { ended, newFolder, start, throughline } from './support/throughline.ts';

describe('throughline simulate', () => {
  it('serves the endpoint until a signal ends it, and run talks to it', async () => {
    const cwd = await newFolder();
    const child = start(['simulate', '--port', '0'], { cwd });
    const end = ended(child);
    const url = await new Promise<string>((resolve) => {
      let seen = '';
      child.stdout.on('data', (data: Buffer) => {
        seen += data.toString();
        const found = /http:\/\/\S+/.exec(seen);
        if (found !== null) resolve(found[0]);
      });
    });
    const env = { ANYFAST_BASE_URL: url, ANYFAST_API_KEY: 'simulator-key' };
    const { code, stdout, stderr } = await throughline(['run', 'hello'], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('scripted model inside the simulator');
    child.kill('SIGTERM');
    expect((await end).stdout).toContain('POST /v1/chat/completions');
  });

  it('tells its flags and a wrong one under its own name', async () => {
    expect((await throughline(['simulate', '--help'])).stdout).toContain(
      'throughline simulate: Kimi',
    );
    const wrong = await throughline(['simulate', '--prot', '1']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('throughline simulate --help');
  });
});
