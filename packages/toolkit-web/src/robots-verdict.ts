import robotsParser from 'robots-parser';
import type { RobotsJob, Verdict } from './job.ts';

/** The package is a function; its types describe it as a module that exports one. */
const parse = robotsParser as unknown as (file: string, text: string) => Rules;

interface Rules {
  isDisallowed(url: string, userAgent: string): boolean | undefined;
}

/** What a robots.txt says of a URL. Runs in a process of its own. */
export function robotsVerdict({ file, text, url, userAgent }: RobotsJob): Verdict {
  return { mayVisit: parse(file, text).isDisallowed(url, userAgent) !== true };
}
