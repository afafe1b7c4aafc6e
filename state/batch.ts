/**
 * How writes travel to the writer: in one message, by table, each row as its values in the order of
 * the columns and as SQLite keeps them. Packed columns lie one behind the other in one buffer,
 * which is handed over and not copied; in the row stands how many bytes they take.
 */
import { columnsOf } from './columns.ts'
import type { TableName } from './schema/index.ts'
import type { Write } from './types.ts'

export type Batch = { rows: [table: TableName, rows: unknown[][]][]; packed: ArrayBuffer }

type Packer = { blobs: Uint8Array[]; bytes: number }

function valuesOf({ table, row }: Write, packer: Packer): unknown[] {
  return columnsOf(table).map(column => {
    const value = (row as Record<string, unknown>)[column.name]
    if (value === null || value === undefined) return null
    const kept = column.mapToDriverValue(value)
    if (!(kept instanceof Uint8Array)) return kept
    packer.blobs.push(kept)
    packer.bytes += kept.length
    return kept.length
  })
}

/** Rows of one table stay in order; a transaction has none between tables. */
export function toBatch(writes: readonly Write[]): Batch {
  const packer: Packer = { blobs: [], bytes: 0 }
  const groups = Map.groupBy(writes, ({ table }) => table)
  const rows = [...groups].map(([table, mine]): Batch['rows'][number] => {
    return [table, mine.map(write => valuesOf(write, packer))]
  })
  const packed = new Uint8Array(packer.bytes)
  let at = 0
  for (const blob of packer.blobs) {
    packed.set(blob, at)
    at += blob.length
  }
  return { rows, packed: packed.buffer }
}

/** Puts the packed columns back into their rows, as views of the one buffer. */
export function unpackBatch({ rows, packed }: Batch): Batch['rows'] {
  let at = 0
  for (const [table, mine] of rows) {
    const places = columnsOf(table).flatMap((column, i) =>
      column.getSQLType() === 'blob' ? [i] : [],
    )
    if (places.length === 0) continue
    for (const values of mine) {
      for (const i of places) {
        const length = values[i] as number | null
        if (length === null) continue
        values[i] = new Uint8Array(packed, at, length)
        at += length
      }
    }
  }
  return rows
}
