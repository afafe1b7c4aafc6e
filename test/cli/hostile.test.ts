/** Text of a model cannot control a terminal, over every command that shows it. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, test } from 'vitest'
import { makeHome, unpack } from '../run/replay/stored.ts'
import { azr } from '../whole/azr.ts'

const home = makeHome()
/**
 * A text that would set the terminal's title, clear the screen, change the colour and the direction
 * of writing, break the line, and end a C string.
 */
const evil =
  '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202eowned\u2066\r\nazr: run loud is done\u2028\u0000\u{e0041}\u0085'
const written: Record<string, string[]> = {
  prompts: ['text'],
  tasks: ['program', 'message', 'reason', 'normalized'],
  rollouts: ['text'],
  executions: ['program', 'input', 'output', 'canonical', 'error', 'input_canonical'],
  grades: ['parsed', 'reason'],
  evaluation_items: ['extracted', 'detail'],
  suite_items: ['program', 'id'],
}

/** Every text that a model can influence begins with `evil`. Markers such as `{evil}` stay. */
function poison(folder: string): void {
  const client = new Database(join(folder, 'run.db'))
  for (const [table, columns] of Object.entries(written)) {
    for (const column of columns) {
      const sql = `update "${table}" set "${column}" = ? || "${column}" where "${column}" is not null`
      client.prepare(sql).run(evil)
    }
  }
  const pairs = JSON.stringify([{ input: evil, output: evil, canonical: evil }])
  client.prepare('update tasks set pairs = ?').run(pairs)
  client.prepare('update updates set skipped = ?').run(evil)
  const event = `insert into run_events (at_ms, process_pid, event, detail) values (0, 1, ?, ?)`
  client.prepare(event).run('failed', JSON.stringify({ error: evil }))
  client.close()
}

let task = ''
beforeAll(() => {
  const folder = unpack(home, 'loud')
  const client = new Database(join(folder, 'run.db'))
  task = client
    .prepare("select max(id) from tasks where verdict = 'accepted'")
    .pluck()
    .get() as string
  client.close()
  poison(folder)
  const other = new Database(join(unpack(home, 'differs'), 'run.db'))
  const parsed = "update grades set parsed = ? || parsed where role = 'solver' and step = 1"
  other.prepare(parsed).run(evil)
  other.close()
})

test.each([
  ['trace', () => ['trace', 'loud', '2']],
  ['trace of a task', () => ['trace', 'loud', task]],
  ['trace of what is not there', () => ['trace', 'loud', evil]],
  ['trace as JSON', () => ['trace', 'loud', task, '--json']],
  ['tail', () => ['tail', 'loud', '--no-follow']],
  ['runs', () => ['runs']],
  ['status', () => ['status', 'loud']],
  ['status as JSON', () => ['status', 'loud', '--json']],
  ['replay', () => ['replay', 'differs']],
  ['replay as JSON', () => ['replay', 'differs', '--json']],
  ['rescore', () => ['rescore', 'differs', '--set', 'reward.wrong=0']],
  ['db check', () => ['db', 'check', 'loud']],
  ['db info', () => ['db', 'info', 'loud']],
  ['db of a name', () => ['db', 'check', evil]],
  ['a command', () => [evil]],
  ['a flag', () => ['runs', `--${evil}`]],
])('%s', async (name, args) => {
  const { out, err } = await azr(
    args().map(word => word.replaceAll('\u0000', '')),
    { home },
  )
  const said = out + err
  expect(said.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
  expect(said).not.toMatch(/^azr: run loud is done/m)
  // These commands show the text, without which the test would prove nothing.
  const shows = /trace|replay|rescore|name|command|flag|db check/
  if (shows.test(name)) expect(said).toMatch(/owned|damaged/)
})

test('JSON for programs has the exact text', async () => {
  const { out } = await azr(['trace', 'loud', task, '--json'], { home })
  expect(JSON.stringify(JSON.parse(out))).toContain(JSON.stringify(evil).slice(1, -1))
})
