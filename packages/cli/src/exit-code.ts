/** What the shell reads of how a command ended. The same for text and for `--json`. */
export const exitCode = {
  /** The answer is there. */
  answer: 0,
  /** An error ended the run. */
  failed: 1,
  /** The command was called wrongly; nothing was done. */
  usage: 2,
  /** The run waits for a person. What was printed names the call and the command that decides it. */
  suspended: 3,
  /** A limit ended the run. */
  limit: 4,
  /** The answer was cut by its length or by a content filter. */
  cut: 5,
  /** SIGHUP ended the command: its terminal has gone. */
  hungUp: 129,
  /** SIGINT ended the command. */
  interrupted: 130,
  /** The reader of stdout went away before the end. */
  brokenPipe: 141,
  /** SIGTERM ended the command. */
  terminated: 143,
} as const;
