import * as z from 'zod';

/** The argument that names a command of this run. */
export const idInput = z.string().min(1).max(20).describe('The id of the command, as it was told.');
