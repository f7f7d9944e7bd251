/** The person called a command wrongly: its message says what to write instead. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
