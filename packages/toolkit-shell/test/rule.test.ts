import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { operands, shell } from '../src/index.ts';
import type { CommandRule } from '../src/index.ts';
import { allowedLine } from '../src/rule.ts';
import { approval, call, workshop } from './call.ts';

const shop = workshop();

/** Generous, so that what follows is refused for its own sake. */
const allow: readonly CommandRule[] = [
  ['git', 'status'],
  ['git', 'status', '--short'],
  ['git', 'log', operands],
  ['git', 'fetch', operands],
  ['cat', operands],
  ['echo', operands],
  ['head', operands],
  ['npm', 'test'],
  ([name, ...words]) => name === 'ls' && words.every((word) => /^-[la]+$/.test(word)),
];

describe('a command that a rule allows runs without asking', () => {
  test.each([
    'git status',
    '  git   status  ',
    '\'git\' "status"',
    'g\\it status',
    'git status --short 2>&1',
    'git status >/dev/null 2>/dev/null',
    'git log main README.md | head notes.txt',
    'git status && git log; npm test || echo "it failed"',
    'git status\ngit log',
    'git status # see what changed',
    'ls -la -l',
    'echo $ "a $ b" {} HEAD~1 a=b [ @{u}',
  ])('%s', async (command) => {
    await expect(approval(shop.kit({ allow }), command)).resolves.toBe(true);
  });

  test('and reaches the program as the words that were allowed, whatever stands in them', async () => {
    const odd = [
      'a b',
      "it's",
      '"',
      '\\',
      '$HOME',
      '`x`',
      '$(x)',
      '*',
      '~',
      '!x',
      '-n',
      'é🧵',
      '',
      ';',
      '\n',
    ];
    const line = `echo ${odd.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`;
    const text = (await allowedLine([() => true], line)) ?? '';
    const show = `echo() { printf '%s\\0' "$@"; }; echo=; ${text}`;
    const words = execFileSync('bash', ['-c', show], { encoding: 'utf8' }).split('\0').slice(0, -1);
    expect(words).toEqual(odd);
  });
});

describe('a command that differs from a rule in one word asks', () => {
  test.each([
    'git',
    'git status -v',
    'git status --short --short',
    'git push',
    'gitstatus',
    'git-status',
    './git status',
    '/tmp/git status',
    'npm test -- x',
    'npm run test',
    'cat -A x',
    'ls -R',
    'git log --output=x',
    'git log -1',
    '',
    '# git status',
  ])('%s', async (command) => {
    await expect(approval(shop.kit({ allow }), command)).resolves.toBe('ask');
  });
});

/** Each of these makes the file `canary` when a shell runs it, and looks like something that is allowed. */
const attacks: Readonly<Record<string, readonly string[]>> = {
  'joins another command (39)': [
    'git status; touch canary',
    'git status || touch canary; git status && touch canary',
    'echo x | touch canary',
    'echo x |& touch canary',
    'echo x & touch canary',
    'echo x\ntouch canary',
    'echo $(touch canary)',
    'echo "$(touch canary)"',
    'echo $"$(touch canary)"',
    'echo `touch canary`',
    'echo "`touch canary`"',
    'cat <(touch canary)',
    'echo x > >(touch canary)',
    'cat <<A\n$(touch canary)\nA',
    'cat <<A\n`touch canary`\nA',
    'cat <<-A\n\t`touch canary`\n\tA',
    'cat <<< $(touch canary)',
    'echo ${x:-$(touch canary)}',
    'echo $((a[$(touch canary)]))',
    'echo "${a[$(touch canary)]}"',
    '{ touch canary; }',
    '(touch canary)',
    'if touch canary; then echo; fi',
    'for x in 1; do touch canary; done',
    '! touch canary',
    'time touch canary',
    'coproc touch canary; wait',
  ],
  'sets a variable first (40)': [
    'X=$(touch canary) git status',
    'a[$(touch canary)]=1; git status',
    'PATH=.:$PATH; touch canary',
    'GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=alias.st GIT_CONFIG_VALUE_0="!touch canary" git st',
  ],
  'gives a name another meaning (41)': [
    'git() { touch canary; }; git status',
    'function git { touch canary; }; git status',
    'shopt -s expand_aliases\nalias git="touch canary #"\ngit status',
    "trap 'touch canary' EXIT; echo x",
    'trap "touch canary" DEBUG; git status',
  ],
  'writes the name in another way (42)': [
    't\\ouch canary',
    "t''ouch canary",
    '"touch" canary',
    "$'\\x74ouch' canary",
    'touch${IFS}canary',
    '$(echo touch) canary',
    't{ou,}ch canary; tou[c]h canary; touch canary',
    'c=touch; $c canary',
    '/usr/bin/touch canary',
  ],
  'lets the shell evaluate a word (43)': [
    "[[ 'a[$(touch canary)]' -eq 1 ]]",
    "test -v 'a[$(touch canary)]'",
    "printf -v 'a[$(touch canary)]' x",
    "a=(1); unset 'a[$(touch canary)]'",
    "read 'a[$(touch canary)]' <<< x",
    "declare 'a[$(touch canary)]=1'",
    "let 'a[$(touch canary)]'",
    "mapfile -C 'touch canary #' -c 1 <<< x",
    "eval 'touch canary'",
    'exec touch canary',
    'command touch canary',
    'builtin eval touch canary',
    ". /dev/stdin <<< 'touch canary'",
  ],
  'has another program run it (44)': [
    'find . -maxdepth 0 -exec touch canary ";"',
    'git -c alias.x="!touch canary" x',
    'awk \'BEGIN{system("touch canary")}\'',
    "echo x | sed '1e touch canary'",
    'echo canary | xargs touch',
    'env touch canary',
    'tar cf /dev/null /etc/hostname --checkpoint=1 --checkpoint-action=exec="touch canary"',
    'nohup touch canary',
    'timeout 9 touch canary',
    "sh -c 'touch canary'",
    "bash -c 'touch canary'",
    'python3 -c \'open("canary", "w")\' || touch canary',
    'node -e \'require("fs").writeFileSync("canary", "")\'',
    'sort --compress-program=touch /etc/hostname; touch canary',
  ],
  'redirects (39)': [
    'echo x > canary',
    'echo x >> canary',
    'git status 2> canary',
    '> canary',
    'echo x >| canary',
    'echo x &> canary',
  ],
};

for (const [what, lines] of Object.entries(attacks)) {
  describe(`a line that ${what}`, () => {
    test.each(lines.map((line) => [line]))(
      'asks, and the read tool does not run it: %j',
      async (line) => {
        const canary = join(shop.root, 'canary');
        const kit = shop.kit({ allow, allowRead: allow });
        await expect(approval(kit, line)).resolves.toBe('ask');
        await expect(approval(kit, line, 'start_command')).resolves.toBe('ask');
        await expect(call(kit, 'run_read_command', { command: line })).rejects.toThrow(
          'This is no command that run_read_command takes',
        );
        expect(existsSync(canary)).toBe(false);
        // It is an attack indeed: where a person allows it, the shell makes the file.
        await call(kit, 'run_command', { command: line, timeout_seconds: 20 });
        expect(existsSync(canary)).toBe(true);
        await rm(canary);
      },
    );
  });
}

describe('a line that no shell would run as it looks asks', () => {
  test.each([
    ['Cyrillic letters', 'g\u0456t status'],
    ['a carriage return', 'git status\r'],
    ['a right-to-left override', 'echo \u202egit status'],
    ['a zero-width space', 'git\u200b status'],
    ['a no-break space', 'git\u00a0status'],
    ['an escape', 'echo \u001b[8mx'],
    ['a quote that is never closed', 'echo "x'],
    ['a bracket that is never closed', 'git status && ('],
    ['a bracket that the parser leaves out', 'git status; git log(git status'],
    ['arithmetic of old', 'echo $[a[$(touch canary)]]'],
    ['arithmetic of old in quotes', 'echo "$[1 + 1]"'],
    ['a bracket before a comment', 'git status (# git log'],
    ['a loaded library', 'LD_PRELOAD=./x.so git status'],
    ['another path', 'PATH=. git status'],
    ['a transport of git', 'GIT_SSH_COMMAND="touch canary" git fetch origin'],
    ['settings of npm', 'npm_config_script_shell=./x npm test'],
    ['a loaded builtin', 'enable -f ./x.so git'],
    ['a home folder', 'cat ~/.ssh/id_rsa'],
    ['a glob', 'cat *'],
    ['braces', 'cat {a,b}'],
    ['a variable', 'cat $HOME'],
    ['a proxy command of ssh', 'ssh -o ProxyCommand="touch canary" host'],
    ['a command of tar', 'tar --to-command=x -xf a.tar'],
    ['the background', 'git status &'],
    ['another folder', 'cd .. && git status'],
    ['10,000 letters and more', `echo ${'x'.repeat(10_001)}`],
    ['brackets 9,000 deep', `echo ${'$('.repeat(4_500)}`],
  ])('%s', async (_what, command) => {
    const kit = shop.kit({ allow, allowRead: allow });
    await expect(approval(kit, command)).resolves.toBe('ask');
    await expect(call(kit, 'run_read_command', { command })).rejects.toThrow('is no command that');
  });
});

describe('a rule that is a trap is refused when the toolkit is made', () => {
  test.each<[CommandRule, RegExp]>([
    [['eval', 'x'], /allow\[0\] names "eval", which the shell itself runs/],
    [['test', operands], /names "test"/],
    [['npm', operands], /leaves the words of "npm" open/],
    [['/usr/bin/env', operands], /leaves the words of "env" open/],
    [['crontab', operands], /leaves the words of "crontab" open/],
    [['systemd-run', operands], /leaves the words of "systemd-run" open/],
    [['git', operands], /leaves open what "git" does; name its command/],
    [['git', 'submodule', operands], /leaves the words of "git submodule" open/],
    [['git status'], /names the command "git status"; give each word by itself/],
    [[operands, 'x'], /must begin with a command’s name/],
    [['git', operands, 'x'], /has `operands` before its end/],
    [[], /must begin with a command’s name/],
    [['git', 7] as never, /holds a number/],
    ['git status' as never, /must be a list of words/],
  ])('%j', (rule, words) => {
    expect(() => shell({ cwd: '.', allow: [rule] })).toThrow(words);
  });

  test('and a function is not asked about what no rule can allow', async () => {
    const asked: (readonly string[])[] = [];
    const kit = shop.kit({ allow: [(words) => asked.push(words) > 0] });
    for (const command of ['eval x', 'sh -c x', './node_modules/.bin/npx x', 'find . -delete']) {
      await expect(approval(kit, command)).resolves.toBe('ask');
    }
    expect(asked).toEqual([]);
    await expect(approval(kit, 'make-it so')).resolves.toBe(true);
    expect(asked).toEqual([['make-it', 'so']]);
  });
});

test('without rules every command asks, and there is no tool for reading', async () => {
  const kit = shop.kit();
  await expect(approval(kit, 'git status')).resolves.toBe('ask');
  expect(kit.tools.map(({ name }) => name)).not.toContain('run_read_command');
});

test('a command called git in the working folder is not what a rule for git runs', async () => {
  await call(shop.kit(), 'run_command', {
    command: 'printf "#!/bin/sh\necho fake" > git; chmod +x git',
  });
  onTestFinished(() => rm(join(shop.root, 'git')));
  vi.stubEnv('PATH', `.:${shop.root}:${shop.root}/bin::${process.env['PATH']}`);
  const kit = shop.kit({ allow });
  await expect(call(kit, 'run_command', { command: 'git status' })).resolves.not.toContain('fake');
});
