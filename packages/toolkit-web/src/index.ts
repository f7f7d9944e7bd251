export { web } from './web.ts';
export type { WebOptions } from './web.ts';
export type { SearchResult, SearchWeb } from './search-web.ts';
