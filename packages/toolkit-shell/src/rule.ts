import { ThroughlineError } from '@throughline/core';
import { builtins, commanders, launchers, launchingCommands } from './barred-names.ts';

/** In a rule: any number of words that do not begin with `-`. */
export const operands: unique symbol = Symbol('operands');

/**
 * A command that runs without a person being asked. A list names each word, the command's name first: `['git', 'status']`,
 * `['cat', operands]`. A function gets the words of one command and says whether they may run; it is asked more than
 * once and must answer alike. It is not asked about what the shell itself runs, nor about programs that run what their arguments say.
 */
export type CommandRule =
  | readonly (string | typeof operands)[]
  | ((words: readonly string[]) => boolean);

type RuleList = Exclude<CommandRule, (words: readonly string[]) => boolean>;

/**
 * The line as it may run, written anew so that the shell interprets nothing in it; undefined where a person must be
 * asked: each command in the line needs a rule, and a line that is not words alone has none.
 */
export async function allowedLine(
  rules: readonly CommandRule[],
  line: string,
): Promise<string | undefined> {
  if (rules.length === 0) return undefined;
  const { plainLine } = await import('./plain-command.ts'); // the parser is large, and only rules need it
  const plain = plainLine(line);
  if (plain === undefined) return undefined;
  return plain.commands.every((words) => isAllowed(rules, words)) ? plain.text : undefined;
}

function isAllowed(rules: readonly CommandRule[], words: readonly string[]): boolean {
  const [name = ''] = words;
  if (builtins.has(name)) return false;
  return rules.some((rule) => {
    if (typeof rule !== 'function') return fits(rule, words);
    return !launchers.has(baseName(name)) && rule(words) === true;
  });
}

function fits(rule: RuleList, words: readonly string[]): boolean {
  if (rule.at(-1) !== operands) {
    return rule.length === words.length && rule.every((word, at) => word === words[at]);
  }
  const named = rule.slice(0, -1);
  if (!named.every((word, at) => word === words[at])) return false;
  return words.slice(named.length).every((word) => !word.startsWith('-'));
}

/** Throws `invalid_option` for rules that cannot mean what they say. */
export function checkRules(option: string, rules: readonly CommandRule[]): void {
  if (!Array.isArray(rules)) {
    throw new ThroughlineError('invalid_option', `shell(): ${option} must be a list of rules.`);
  }
  for (const [at, rule] of (rules as readonly CommandRule[]).entries()) {
    const trouble = typeof rule === 'function' ? undefined : troubleWith(rule);
    if (trouble === undefined) continue;
    throw new ThroughlineError('invalid_option', `shell(): ${option}[${at}] ${trouble}.`);
  }
}

function troubleWith(rule: RuleList): string | undefined {
  if (!Array.isArray(rule)) {
    return 'must be a list of words, such as ["git", "status"], or a function';
  }
  const [name, first] = rule as RuleList;
  if (typeof name !== 'string' || name === '') return 'must begin with a command’s name';
  const odd = rule.find((word) => typeof word !== 'string' && word !== operands);
  if (odd !== undefined) return `holds a ${typeof odd}; words are texts, or \`operands\``;
  if (/\s/.test(name)) return `names the command ${JSON.stringify(name)}; give each word by itself`;
  if (builtins.has(name))
    return `names "${name}", which the shell itself runs; no rule can allow it`;
  const open = rule.indexOf(operands);
  if (open < 0) return undefined;
  if (open !== rule.length - 1) return 'has `operands` before its end';
  const program = baseName(name);
  const named = `${program} ${String(first)}`;
  if (launchers.has(program) || launchingCommands.has(named)) {
    const what = launchers.has(program) ? program : named;
    return `leaves the words of "${what}" open, which runs what they say; name every word`;
  }
  if (open > 1 || !commanders.has(program)) return undefined;
  return `leaves open what "${program}" does; name its command, such as ["${program}", "…", operands]`;
}

/** The rules as the model reads them. A function has no words. */
export function describeRules(rules: readonly CommandRule[]): string {
  const lists = rules.filter((rule) => typeof rule !== 'function');
  const told = lists.map((rule) =>
    rule.map((word) => (word === operands ? '<names without options>' : word)).join(' '),
  );
  if (lists.length < rules.length) told.push('some others');
  return told.join('; ');
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
