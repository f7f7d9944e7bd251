/** What a command reads and writes: the process's own streams, or a test's. */
export interface Host {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start at. */
  readonly cwd: string;
}

/** One word after `throughline`. */
export interface Command {
  /** What `throughline help NAME` prints, and a wrong use. */
  readonly usage: string;
  /** Does the work and returns the exit code (`exit-code.ts`). Throws `UsageError` for wrong arguments. */
  run(args: readonly string[], host: Host): Promise<number>;
}
