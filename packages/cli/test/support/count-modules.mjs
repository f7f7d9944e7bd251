// Writes the URL of each module that is loaded to the file of COUNT_MODULES_TO, one a line.
import { register } from 'node:module';

const hooks = `
  import { appendFileSync } from 'node:fs';
  export function load(url, context, next) {
    appendFileSync(process.env.COUNT_MODULES_TO, url + '\\n');
    return next(url, context);
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
