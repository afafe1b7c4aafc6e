/** A model's text is treated as data: in queries, in lines, on a terminal. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rolloutRow } from '../../bench/store/rows.ts'
import { plain } from '../../lib/terminal.ts'
import { openForReading } from '../../state/database.ts'
import { openRun } from '../../state/open.ts'
import { createPages } from '../../state/reader-pages.ts'
import { temporary } from '../temporary.ts'

const hostile = [
  "'; drop table rollouts; --",
  '" or 1=1 or "',
  '%_*\\',
  '\u001b]0;title\u0007\u001b[2J\u001b[31m',
  'a\r\nazr: run one is done\n',
  '\u202ereversed\u2066',
  '\u0000\ud800',
]

test('it is stored and found unchanged, and shown as one plain line', async () => {
  const home = temporary('hostile')
  const run = { name: 'one', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(home, 'one', run)
  const rows = hostile.map((text, n) => ({ ...rolloutRow(n), text, task_hash: text }))
  await store.write(rows.map(row => ({ table: 'rollouts' as const, row })))
  await release()
  const { client, db } = openForReading(join(home, 'one', 'run.db'))
  const pages = createPages(db)
  for (const [i, text] of hostile.entries()) {
    expect(pages.task(text)).toBeNull()
    expect(pages.rollout(text)).toBeNull()
    expect(pages.metrics([text, `${text}*`])).toEqual({})
    const found = client.prepare('select text from rollouts where id = ?').pluck()
    const stored = found.get(rows[i]?.id)
    expect(stored).toBe(text.toWellFormed())
    expect(plain(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
  }
  expect(client.prepare('select count(*) from rollouts').pluck().get()).toBe(hostile.length)
  client.close()
})
