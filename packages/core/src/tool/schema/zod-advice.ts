/** As much of a zod schema as tells which of its fields cannot be described. */
interface Part {
  readonly shape?: Readonly<Record<string, Part>>;
  readonly element?: Part;
  readonly def?: { readonly type?: string; readonly innerType?: Part };
  readonly '~standard'?: { readonly jsonSchema?: { readonly input: (options: object) => unknown } };
}

/** Which field of a zod schema cannot be described as JSON Schema, and what to write instead; undefined where none is found. */
export function zodAdvice(schema: object, path = ''): string | undefined {
  const { shape, element, def } = schema as Part;
  for (const [key, part] of Object.entries(shape ?? {})) {
    if (!isDescribable(part)) return zodAdvice(part, path === '' ? key : `${path}.${key}`);
  }
  const inner = element ?? def?.innerType;
  if (inner !== undefined && !isDescribable(inner)) return zodAdvice(inner, path);
  const instead = replacements[def?.type ?? ''];
  if (path === '' || def?.type === undefined) return undefined;
  const advice =
    instead === undefined ? 'Write it as text, a number, a list or an object' : instead;
  return `its field "${path}" is a ${def.type}, which JSON does not have. ${advice}`;
}

const replacements: Readonly<Record<string, string>> = {
  date: 'Write z.iso.datetime().transform((text) => new Date(text))',
  map: 'Write z.record(z.string(), …).transform((record) => new Map(Object.entries(record)))',
  set: 'Write z.array(…).transform((list) => new Set(list))',
  bigint: 'Write z.string().regex(/^-?\\d+$/).transform(BigInt)',
};

function isDescribable(part: Part): boolean {
  try {
    part['~standard']?.jsonSchema?.input({ target: 'draft-2020-12' });
    return true;
  } catch {
    return false;
  }
}
