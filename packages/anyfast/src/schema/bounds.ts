import type { JsonObject } from '../wire/json.ts';

/** Who hears what a bound cannot say. */
export interface BoundScope {
  lose(lost: string): void;
  /** Says something to the model that the schema cannot. */
  note(text: string): void;
}

/** A number and its bounds, which the endpoint knows as inclusive ones. */
export function compileNumber(type: string, node: JsonObject, scope: BoundScope): JsonObject {
  const minimum = inclusiveBound(type, scope, {
    inclusive: node['minimum'],
    exclusive: node['exclusiveMinimum'],
    sign: 1,
  });
  const maximum = inclusiveBound(type, scope, {
    inclusive: node['maximum'],
    exclusive: node['exclusiveMaximum'],
    sign: -1,
  });
  return {
    type,
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

interface Bound {
  readonly inclusive: unknown;
  /** A number, or as in draft 04 a flag on the inclusive one. */
  readonly exclusive: unknown;
  /** 1 for a lower bound, -1 for an upper one. */
  readonly sign: 1 | -1;
}

/** A bound as an inclusive one. Of integers that is exact; of other numbers the very bound gets in. */
function inclusiveBound(
  type: string,
  scope: BoundScope,
  { inclusive, exclusive, sign }: Bound,
): number | undefined {
  const given = [inclusive, exclusive].filter((one): one is number => Number.isFinite(one));
  if (given.length === 0) return undefined;
  const limit = sign === 1 ? Math.max(...given) : Math.min(...given);
  const open = exclusive === true || limit === exclusive;
  if (type !== 'integer') {
    const lost = `${sign === 1 ? 'more' : 'less'} than ${limit}`;
    if (open) {
      scope.lose(lost);
      scope.note(lost);
    }
    return limit;
  }
  // Whole numbers beyond what a double can count are no bound but the writer's default.
  if (Math.abs(limit) >= Number.MAX_SAFE_INTEGER) return undefined;
  const whole = sign === 1 ? Math.ceil(limit) : Math.floor(limit);
  return open && whole === limit ? whole + sign : whole;
}

/** How few and how many characters or items there may be; none is no bound. */
export function counts(node: JsonObject, least: string, most: string): JsonObject {
  const [from, to] = [node[least], node[most]];
  return {
    ...(isCount(from) && from > 0 ? { [least]: from } : {}),
    ...(isCount(to) ? { [most]: to } : {}),
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}
