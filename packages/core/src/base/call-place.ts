/** Where a call stands: its key in the record, unique over all runs. A run inside a call has the place of that call as its id. */
export function placeOf(call: {
  readonly runId: string;
  readonly step: number;
  readonly call: number;
}): string {
  return `${call.runId}/${call.step}/call/${call.call}`;
}
