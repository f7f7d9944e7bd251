/** What the model reads of a call that was refused. The reason alone, such as "yes", could be taken for the call's result. */
export function refusedCall(reason: string): string {
  return reason.trim() === ''
    ? 'This call was not approved.'
    : `This call was not approved: ${reason}`;
}

/** What the model reads where nobody could be asked whether the call may run. */
export function unaskedCall(cause: string): string {
  return `This call did not run: it could not be approved (${cause}).`;
}
