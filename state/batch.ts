/**
 * Packs writes for the writer thread: one message, by table. Each row is an array of values in
 * column order, as SQLite stores them. Packed columns share one buffer, which is transferred and
 * not copied; the row has their number of bytes.
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

/** Rows of one table keep their order. There is no order between tables. */
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
