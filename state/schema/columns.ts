/** Types of columns that the tables share. */
import { blob, check, customType, integer, real, sql, text } from '../drizzle.ts'
import { packIds, packLogprobs, unpackIds, unpackLogprobs } from '../packing.ts'

export { index, primaryKey, sqliteTable } from '../drizzle.ts'
export { blob, check, integer, real, sql, text }

/** Token ids: bytes of int32 in memory, packed in the file (packing.ts). */
export const packedIds = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'blob',
  toDriver: packIds,
  fromDriver: unpackIds,
})

/** Log-probabilities: bytes of float32 in memory, half precision in the file (packing.ts). */
export const packedLogprobs = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'blob',
  toDriver: packLogprobs,
  fromDriver: unpackLogprobs,
})

/** JSON kept as text, so that a person can read it with sqlite3. */
export const json = <T>(name: string) =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: value => JSON.stringify(value),
    fromDriver: value => JSON.parse(value) as T,
  })(name)

/** The step that made the row. The base's scores have step 0 and are made at the end of the run. */
export const madeIn = () => integer('made_in').notNull()

/** The name of a kind of task. It is a part of ids, in which dots and colons separate. */
export const kindName = () => text('kind').notNull()
export const named = (table: string) =>
  check(`${table}_kind`, sql.raw(`"kind" glob '[a-z]*' and "kind" not glob '*[^a-z0-9-]*'`))

/** `check (column in (…))`, for a column that is a union in TypeScript. */
export const oneOf = (table: string, column: string, values: readonly string[]) => {
  const list = values.map(value => `'${value}'`).join(', ')
  return check(`${table}_${column}`, sql.raw(`"${column}" in (${list})`))
}
