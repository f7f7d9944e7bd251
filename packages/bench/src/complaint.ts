import { fileURLToPath } from 'node:url';

/** What `execFile` and esbuild reject with. */
interface Complaint {
  readonly killed: boolean;
  readonly stderr: string;
  readonly message: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The one line that tells most of what went wrong. It may be published, so it does not say where the repository lies. */
export function complaintOf(error: unknown): string {
  const { killed, stderr = '', message = '' } = error as Partial<Complaint>;
  if (killed === true) return 'was stopped after five minutes';
  const lines = `${stderr}\n${message}`.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '');
  // Where names were made short, Node writes `b [ModelError]: …`.
  const complaint = /^(Uncaught )?(\w+ \[)?\w*(Error|error|Exception)\b/;
  const words = told.find((line) => complaint.test(line)) ?? told[0];
  return (words ?? 'failed without a word').replaceAll(root, '').slice(0, 200);
}
