// Writes the URL of each module that is loaded to stderr.
import { register } from 'node:module';

const hooks = `
  import { writeSync } from 'node:fs';
  export function load(url, context, next) {
    writeSync(2, 'LOADED ' + url + '\\n');
    return next(url, context);
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
