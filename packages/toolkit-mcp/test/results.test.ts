import { expect, test } from 'vitest';
import { callOne } from './support/calls.ts';
import { hostile, toolkits } from './support/servers.ts';

const { connect } = toolkits();

const cases: Readonly<Record<string, unknown>> = {
  'big-picture': '[A picture (image/png) was left out: it has 6000020 letters of base64.]',
  'false-type': '[A picture (image/png) was left out: it is no PNG, JPEG, GIF or WebP.]',
  'no-base64': 'The call ran, but its answer is no result of a tool.',
  link: '[A link to "passwords", file:///etc/passwd. It was not opened.]',
  resource: '[The content of mem://1]\ninside',
  blob: '[The content of mem://2 was left out: it is no PNG, JPEG, GIF or WebP.]',
  sound: '[A sound (audio/wav) was left out: it cannot be shown.]',
  failed: 'the disk is full',
  'failed-silently': 'The tool "failed-silently" failed and did not say why.',
  nothing: 'Done. The tool returned an empty text.',
  rubbish: 'The call ran, but its answer is no result of a tool.',
  'broken-inside': 'The MCP server "r" answered the call with an error: Internal error',
  'no-result':
    'The MCP server "r" did not answer: what it sent is no JSON-RPC. The call may or may not have taken effect.',
};

test('whatever a server answers, the model reads something true and bounded', async () => {
  const kit = await connect({ r: hostile('results') });
  for (const [name, expected] of Object.entries(cases)) {
    const { told } = await callOne(kit, `r__${name}`);
    expect([name, told]).toEqual([name, expected]);
  }
  const { told } = await callOne(kit, 'r__long');
  expect(String(told).length).toBeLessThan(51_000);
  expect(told).toContain('characters were cut out here');
});

test('a picture is passed on as what its bytes are, whatever the server calls it', async () => {
  const kit = await connect({ r: hostile('results') });
  const { told } = await callOne(kit, 'r__true-type');
  expect(told).toEqual([
    {
      type: 'image_url',
      image_url: { url: expect.stringMatching(/^data:image\/png;base64,iVBOR/) },
    },
  ]);
});

test('structured content reaches the host as data, and the model as text where there is no other', async () => {
  const kit = await connect({ r: hostile('results') });
  const { told, output } = await callOne(kit, 'r__structured');
  expect(told).toBe('{"sum":3}');
  expect(output).toEqual({ sum: 3 });
});

test('structured content that is too large to be kept with the call is left out, and its text is told', async () => {
  const kit = await connect({ r: hostile('results') });
  const { told, output } = await callOne(kit, 'r__large-data');
  expect(told).toBe('see the data');
  expect(output).toBeUndefined();
});

test('what a server says of its failure is a failed call', async () => {
  const kit = await connect({ r: hostile('results') });
  expect(await callOne(kit, 'r__failed')).toMatchObject({ outcome: 'failed' });
});
