/** A value while it is filled, field by field: a literal of many spread parts is slow, and each step makes several. */
export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
