/** Names of SQL columns as the API and `--json` write them: `success_rate` is `successRate`. */

type CamelKey<Key extends string> = Key extends `${infer Head}_${infer Rest}`
  ? `${Head}${Capitalize<CamelKey<Rest>>}`
  : Key
export type Camel<T> = T extends readonly unknown[]
  ? { [Item in keyof T]: Camel<T[Item]> }
  : T extends object
    ? { [Key in keyof T as Key extends string ? CamelKey<Key> : Key]: Camel<T[Key]> }
    : T

const camelKey = (key: string) =>
  key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Renames the keys of a row, of its parts and of lists of them. Values stay as they are. */
export function camel<T>(value: T): Camel<T> {
  if (Array.isArray(value)) return value.map(camel) as Camel<T>
  if (value === null || typeof value !== 'object') return value as Camel<T>
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [camelKey(key), camel(inner)]),
  ) as Camel<T>
}
