import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, toldIn } from '../lib/told.ts';

/** A scripted secretary: adds who is given as `Name <mail>`, then says who else has an address at the same place. */
export function secretary(request: ChatRequest): ScriptedAnswer {
  const [, name, mail] = /([A-Z]\w+ [A-Z]\w+) <(\S+@\S+)>/.exec(askedIn(request)) ?? [];
  if (name === undefined || mail === undefined) {
    return { text: 'I am a script. Tell me: Add Grace Hopper <grace@park.example>.' };
  }
  const told = toldIn(request);
  const added = told.find((one) => one.name === 'add_contact');
  if (added === undefined) return say('I add it first.', 'add_contact', { name, mail });
  const place = mail.slice(mail.indexOf('@'));
  const listed = told.find((one) => one.name === 'find_contacts');
  if (listed === undefined)
    return say(`Who else is at ${place}?`, 'find_contacts', { text: place });
  const others = listed.text
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith(name));
  return { text: `${added.text} Also there: ${others.join(', ') || 'nobody'}.` };
}

function say(reasoning: string, name: string, input: object): ScriptedAnswer {
  return { reasoning, calls: [{ name, arguments: input }] };
}
