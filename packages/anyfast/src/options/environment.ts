/** A variable of the environment; undefined where there is none, as in a browser, and where it is empty. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { readonly process?: { readonly env?: NodeJS.ProcessEnv } };
  return process?.env?.[name] || undefined;
}
