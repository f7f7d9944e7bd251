import { guarded, refuse } from './refusal.ts';

/** What tells whose a schema is: zod 4 carries `_zod`, zod 3 a `_def.typeName`. */
interface Marks {
  readonly _zod?: { readonly version?: Version };
  readonly _def?: { readonly typeName?: string };
  readonly '~standard': { readonly vendor: string };
}

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The JSON Schema of a schema that does not describe itself, by the library it comes from. Rejects with `invalid_schema`. */
export async function describeByLibrary(source: Marks, subject: string): Promise<unknown> {
  const { _zod: zod4, _def: zod3 } = source;
  if (zod4 !== undefined) return describeZod4(source, zod4.version, subject);
  if (zod3?.typeName !== undefined) {
    const { zodToJsonSchema } = await import('zod-to-json-schema');
    return guarded(subject, () =>
      zodToJsonSchema(source as unknown as Parameters<typeof zodToJsonSchema>[0], {
        target: 'jsonSchema2019-09',
        $refStrategy: 'root',
      }),
    );
  }
  const { vendor } = source['~standard'];
  const how =
    vendor === 'valibot'
      ? 'wrap it with toStandardJsonSchema() of @valibot/to-json-schema'
      : 'wrap it with that library’s own JSON Schema support';
  throw refuse(
    subject,
    `comes from "${vendor}", which cannot describe itself as JSON Schema; ${how}, or give a plain JSON Schema`,
  );
}

/** zod/mini, and zod 4 from before it could describe itself. Only the very same copy of zod knows its descriptions. */
async function describeZod4(
  source: Marks,
  made: Version | undefined,
  subject: string,
): Promise<unknown> {
  const core = await import('./zod4.ts').catch((cause: unknown) => {
    throw refuse(subject, 'needs the package "zod" to be described; install zod 4.2 or later', {
      cause,
    });
  });
  if (words(made) !== words(core.version)) {
    throw refuse(
      subject,
      `was made by zod ${words(made)}, which cannot describe itself, and the zod ${words(core.version)} found here ` +
        'would lose its descriptions; use zod 4.2 or later (`import * as z from "zod"`)',
    );
  }
  return guarded(subject, () =>
    core.toJSONSchema(source as unknown as Parameters<typeof core.toJSONSchema>[0], {
      io: 'input',
    }),
  );
}

function words(version: Version | undefined): string {
  return version ? `${version.major}.${version.minor}.${version.patch}` : 'unknown';
}
