/** Compares rows with the recorded ones. It keeps the first difference and throws. */
import type { Database } from 'better-sqlite3'
import { ReplayDiffers } from '../domain/errors.ts'
import { hashText } from '../domain/hash.ts'
import { createRecordedRows, type Difference } from './recorded-rows.ts'
import type { MemoTable, TableName, Write } from './types.ts'

type Effect = () => Promise<{ row: unknown; also?: Write[] }>

/**
 * Values that nobody can know if the engine or the sandbox does not answer: no difference is
 * reported.
 */
const unanswered = new Set([
  'text',
  'ids',
  'logprobs',
  'finish_reason',
  'input_hash',
  'outcome',
  'output',
  'canonical',
  'error',
  'literal',
  'input_canonical',
])

export function createWitness(client: Database) {
  const rows = createRecordedRows(client)
  const promptOf = client.prepare(
    'select prompts.text from prompts join rollouts on prompt_hash = hash where rollouts.id = ?',
  )
  const promptsOf = client.prepare(
    'select hash, text from prompts where hash in (select prompt_hash from rollouts where step = ?)',
  )
  const witness = {
    checked: 0,
    first: null as Difference | null,
    differ(difference: Difference): never {
      witness.first ??= difference
      const { table, key } = difference
      throw new ReplayDiffers(
        'replay-differs',
        `Cannot continue the replay: ${table} ${key} differs`,
      )
    },
    check(write: Write, skipped?: ReadonlySet<string>): void {
      witness.checked += 1
      const difference = rows.compare(write, skipped)
      if (difference) witness.differ(difference)
    },
    /** Reports a recorded row that was not derived. */
    differAt({ table, id, row }: { table: MemoTable; id: string; row: unknown }): never {
      const recorded = JSON.stringify(row)
      return witness.differ({ table, key: id, column: null, recorded, replayed: null })
    },
    checkCount(table: TableName, step: number, made: number): void {
      const found = rows.count(table, step)
      if (found === made) return
      const [recorded, replayed] = [`${found} rows`, `${made} rows`]
      witness.differ({ table, key: `of step ${step}`, column: null, recorded, replayed })
    },
    /** Prompts are looked up by their hash, so their stored text has to match it. */
    checkPrompts(step: number): void {
      for (const { hash, text } of promptsOf.all(step) as { hash: string; text: string }[]) {
        const replayed = hashText(text)
        if (replayed === hash) continue
        witness.differ({ table: 'prompts', key: hash, column: 'hash', recorded: hash, replayed })
      }
    },
    /** Reports an effect that was requested with another input than the recorded one. */
    async nameInput(table: MemoTable, id: string, hashes: [string | null, string], effect: Effect) {
      const made = await effect().catch(() => null)
      const asked = made?.also?.find(write => write.table === 'prompts')
      const prompt = promptOf.pluck().get(id) as string | undefined
      if (asked?.table === 'prompts' && prompt !== undefined && prompt !== asked.row.text) {
        const [recorded, replayed] = [prompt, asked.row.text]
        witness.differ({ table, key: id, column: 'prompt', recorded, replayed })
      }
      if (made) witness.check({ table, row: made.row } as Write, unanswered)
      const [recorded, replayed] = hashes
      witness.differ({ table, key: id, column: 'input_hash', recorded, replayed })
    },
  }
  return witness
}

export type Witness = ReturnType<typeof createWitness>
