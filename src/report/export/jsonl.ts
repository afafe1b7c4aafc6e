/** Exports a file of JSON lines for each table. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Database } from 'better-sqlite3'
import type { TableName } from '../../../state/schema/index.ts'
import { exportedTables, numbersOf, rowsOf } from './rows.ts'

function* linesOf(client: Database, name: TableName): Generator<string> {
  for (const row of rowsOf(client, name)) {
    yield `${JSON.stringify(row, (column, value) =>
      value instanceof Uint8Array ? numbersOf(column, value) : value,
    )}\n`
  }
}

export async function exportJsonl(client: Database, folder: string): Promise<void> {
  for (const name of exportedTables) {
    const file = createWriteStream(join(folder, `${name}.jsonl`))
    await pipeline(Readable.from(linesOf(client, name)), file)
  }
}
