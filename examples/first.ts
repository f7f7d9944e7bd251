import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import * as z from 'zod';

const timeIn = tool({
  name: 'time_in',
  description: 'The time of day in a time zone, now.',
  inputSchema: z.object({ zone: z.string().describe('IANA name, e.g. Asia/Tokyo') }),
  effect: 'read',
  execute: ({ zone }) => new Date().toLocaleTimeString('en-GB', { timeZone: zone }),
});

const agent = new Agent({ model: anyfast('kimi-k2.6'), tools: [timeIn] });

const { text } = await agent.run('What time is it in Tokyo, and in Lima?');
console.log(text);
