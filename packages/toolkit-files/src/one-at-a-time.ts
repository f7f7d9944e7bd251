/** The last work on each thing that is worked on now. */
const last = new Map<string, Promise<unknown>>();

/** Does the work once all earlier work on the same thing has ended, be it of another run of this process. */
export async function oneAtATime<Result>(
  thing: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = last.get(thing) ?? Promise.resolve();
  const mine = before.then(work, work);
  last.set(thing, mine);
  try {
    return await mine;
  } finally {
    if (last.get(thing) === mine) last.delete(thing);
  }
}
