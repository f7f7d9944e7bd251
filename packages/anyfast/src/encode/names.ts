/**
 * Moonshot takes `^[a-zA-Z_][a-zA-Z0-9-_]{2,63}$`; a hyphen is left out here because hosts that read the
 * model's own tokens cut a call's id at it.
 */
const accepted = /^[A-Za-z_][A-Za-z0-9_]{2,63}$/;
const longest = 64;

/**
 * Tool names as the endpoint takes them, and back. A name once given stays, so a message's bytes stay; no
 * two tools ever share one.
 */
export class Names {
  readonly #wire = new Map<string, string>();
  readonly #own = new Map<string, string>();

  /** The name to send for a tool's own name. */
  toWire(own: string): string {
    const known = this.#wire.get(own);
    if (known !== undefined) return known;
    const wire = this.#free(accepted.test(own) ? own : spell(own));
    this.#wire.set(own, wire);
    this.#own.set(wire, own);
    return wire;
  }

  /** The tool's own name for one that came over the wire; a name never sent comes back as it is. */
  toOwn(wire: string): string {
    return this.#own.get(wire) ?? wire;
  }

  #free(name: string): string {
    let free = name;
    for (let n = 2; this.#own.has(free); n++) free = `${name.slice(0, longest - 5)}_${n}`;
    return free;
  }
}

function spell(own: string): string {
  let name = own.replace(/[^A-Za-z0-9_]/g, '_');
  if (!/[A-Za-z0-9]/.test(name)) name = `tool_${digest(own)}`;
  if (/^[0-9]/.test(name)) name = `_${name}`;
  if (name.length > longest) name = `${name.slice(0, longest - 9)}_${digest(own)}`;
  return name.padEnd(3, '_');
}

/** FNV-1a in two lanes: it tells names apart, and guards nothing. The same on every platform, and at once. */
function digest(text: string): string {
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at++) {
    high = Math.imul(high ^ text.charCodeAt(at), 0x01000193);
    low = Math.imul(low ^ high, 0x85ebca6b);
  }
  return ((high ^ (low >>> 13)) >>> 0).toString(16).padStart(8, '0');
}
