/**
 * What the shell itself runs. No rule can allow these: many of them evaluate their arguments (`[[ 'a[$(x)]' -eq 1 ]]`,
 * `printf -v`, `test -v`), and the others change what the words after them mean.
 */
export const builtins: ReadonlySet<string> = new Set(
  (
    '. : [ [[ alias autoload bg bind break builtin caller case cd chdir command compgen complete compopt continue coproc ' +
    'declare dirs disown do done elif else enable esac eval exec exit export fc fg fi for function functions getopts hash ' +
    'help history if in integer jobs kill let local logout mapfile noglob popd print printf pushd read readarray readonly ' +
    'return select set shift shopt source suspend test then time times trap type typeset ulimit umask unalias unset ' +
    'until wait whence where while zmodload'
  ).split(' '),
);

/**
 * Programs that run what their arguments say, or ask another program to. Only a rule that names every word can allow
 * them: `['npm', 'test']`, but not `['npm', operands]`. The list cannot be complete; it stops the rules that are known to be traps.
 */
export const launchers: ReadonlySet<string> = new Set(
  (
    'ash at awk bash batch bun bunx busybox bwrap chroot cmake crontab csh dash deno docker doas emacs env expect fakeroot find fish ' +
    'flock gawk gdb gmake ionice ksh less lua make man mawk mksh more nc ncat nice node nohup npm npx nsenter openssl parallel perl php ' +
    'pip pip3 pipx pkexec pnpm podman python python2 python3 rsync ruby runuser run-parts screen script sed setarch setpriv setsid sh socat ssh ' +
    'start-stop-daemon stdbuf strace su sudo systemctl systemd-run tar tclsh tcsh telnet time timeout tmux toybox unshare uv uvx vi view vim ' +
    'watch xargs xterm yarn zsh'
  ).split(' '),
);

/** Programs with commands of their own, some of which run others (`git submodule foreach`): a rule names the command as well. */
export const commanders: ReadonlySet<string> = new Set(
  'apt apt-get bundle cargo composer dotnet gem gh git go gradle hg kubectl mvn nix rustup svn terraform'.split(
    ' ',
  ),
);

/** Commands of those that run what their own arguments say. */
export const launchingCommands: ReadonlySet<string> = new Set([
  'cargo run',
  'dotnet run',
  'git bisect',
  'git difftool',
  'git filter-branch',
  'git submodule',
  'go run',
  'kubectl exec',
]);
