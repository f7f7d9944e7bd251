/** A package of ours that is not in the command, and lies in a clone of the repository as it was cloned. */
const unbuilt = /^Cannot find module '[^']*[\\/](?:@throughline|packages)[\\/][\w-]+[\\/]dist[\\/]/;

/** The words of an error, and what to do where it says that a package was never built. */
export function wordsWithBuild({ message }: Error): string {
  if (!unbuilt.test(message)) return message;
  return `${message}\nThat package is not built. In a clone of the repository, build all of them: pnpm build`;
}
