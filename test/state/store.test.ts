import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { openForReading } from '../../state/database.ts'
import { describeRun, openRun, readRun, removeRun, sendCommand } from '../../state/open.ts'
import { takeOwnership } from '../../state/owner.ts'
import { createPages } from '../../state/reader-pages.ts'
import { createStore } from '../../state/store.ts'
import type { GradeRow, NewRow } from '../../state/types.ts'
import { temporary } from '../temporary.ts'

let home: string
beforeEach(() => {
  home = temporary('state')
})

const runRow: NewRow<'run'> = {
  name: 'one',
  preset: 'micro',
  seed: 1,
  config: {},
  versions: {},
  created_at_ms: 0,
}
const grade = (id: string): GradeRow => ({
  id,
  step: 1,
  role: 'solver',
  kind: 'deduction',
  parsed: '4',
  verdict: 'correct',
  reason: null,
  success_rate: null,
  learnability: null,
  reward: 1,
  input_hash: 'h',
})

describe('memo', () => {
  test('does the work once, whoever asks and however often', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    await store.beginStep(1)
    let done = 0
    const ask = () =>
      store.memo('grades', 'a', 'h', async () => {
        done += 1
        return { row: grade('a') }
      })
    const rows = await Promise.all([ask(), ask(), ask()])
    expect((await ask()).reward).toBe(1)
    expect(rows.map(row => row.id)).toEqual(['a', 'a', 'a'])
    expect(done).toBe(1)
    await store.beginStep(1)
    await ask()
    expect(done).toBe(1)
    await release()
  })

  test('a row made from another input is an error that names both', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    await store.beginStep(1)
    await store.memo('grades', 'a', 'h', async () => ({ row: grade('a') }))
    const again = store.memo('grades', 'a', 'other', async () => ({ row: grade('a') }))
    await expect(again).rejects.toThrow(/grades row a .*: h is stored, other is asked for/)
    await release()
  })

  test('a row and its further rows are committed together or not at all', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    await store.beginStep(1)
    const bad = { table: 'metrics', row: { step: null, name: 'x', value: 1 } } as never
    const made = store.memo('grades', 'a', 'h', async () => ({ row: grade('a'), also: [bad] }))
    await expect(made).rejects.toThrow()
    expect((await store.read.stepRows(1)).grades).toEqual([])
    expect(store.cached('grades', 'a')).toBeUndefined()
    await release()
  })

  test('work that finishes after the stop is dropped', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    await store.beginStep(1)
    let finish = () => {}
    const slow = store.memo('grades', 'a', 'h', async () => {
      await new Promise<void>(resolve => {
        finish = resolve
      })
      return { row: grade('a') }
    })
    await release()
    finish()
    await expect(slow).rejects.toThrow('The run was stopped')
    expect(readRun(home, 'one', reader => reader.stepRows(1).grades)).toEqual([])
  })
})

describe('the writer', () => {
  test('packs numbers and reads them back', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    const ids = new Uint8Array(Int32Array.of(1, 2, 300).buffer)
    await store.write([{ table: 'prompts', row: { hash: 'p', text: 'é\n', ids } }])
    await store.write([{ table: 'prompts', row: { hash: 'p', text: 'é\n', ids } }])
    const [[, found]] = (await store.read.promptIds(['p'])) as [[string, Uint8Array]]
    expect([...new Int32Array(new Uint8Array(found).buffer)]).toEqual([1, 2, 300])
    await release()
  })

  test('has committed the earlier trace when an event is committed', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    const said = { at_ms: 1, sender: 'run', receiver: 'solver', item_id: null, body: null }
    store.trace({ ...said, type: 'a' })
    store.trace({ ...said, type: 'b' })
    await store.event('finished')
    await release()
    const { client, db } = openForReading(join(store.folder, 'run.db'))
    const types = createPages(db).messages(0, 9, [])
    expect(types.map(({ type }) => type)).toEqual(['a', 'b'])
    client.close()
  })

  test('its death rejects open calls and all later ones', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    await release()
    const orphan = createStore(store.folder, join(store.folder, 'missing', 'run.db'))
    await expect(orphan.write([{ table: 'run', row: runRow }])).rejects.toThrow(/store writer/)
    await expect(orphan.gone).rejects.toThrow(/store/)
    await orphan.close()
  })
})

describe('ownership', () => {
  test('another process is refused with the pid, and kill -9 frees the run', async () => {
    const args = ['test/state/hold.ts', home, JSON.stringify(runRow)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    expect(describeRun(home, 'one').alive).toBe(true)
    await expect(openRun(home, 'one')).rejects.toThrow(
      /Cannot take run one as process \w+ is working/,
    )
    expect(() => removeRun(home, 'one')).toThrow(/azr stop one/)
    sendCommand(home, 'one', 'pause')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const { store, release } = await openRun(home, 'one')
    expect((await store.read.commandsAfter(0)).map(c => c.command)).toEqual(['pause'])
    await release()
    expect(() => sendCommand(home, 'one', 'stop')).toThrow(/azr resume one/)
  })

  test('one process cannot take a run twice', async () => {
    const { store, release } = await openRun(home, 'one', runRow)
    expect(() => takeOwnership(store.folder, 'one')).toThrow(/Cannot take run one/)
    await release()
  })
})

describe('bad input', () => {
  test('is answered with what to do', async () => {
    await expect(openRun(home, 'Bad Name', runRow)).rejects.toThrow(/Cannot name a run "Bad Name"/)
    await expect(openRun(home, 'cache', runRow)).rejects.toThrow(/Cannot name a run/)
    await expect(openRun(home, 'none')).rejects.toThrow(/Cannot find run none .*no run yet/)
    const { release } = await openRun(home, 'one', runRow)
    await release()
    await expect(openRun(home, 'one', runRow)).rejects.toThrow(/azr resume one/)
  })

  test.runIf(process.getuid?.() !== 0)('a read-only home is named', async () => {
    chmodSync(home, 0o555)
    await expect(openRun(home, 'one', runRow)).rejects.toThrow(/make it writable/)
  })
})

test('a command to a run that has just begun is carried out, earlier ones are not', async () => {
  const folder = temporary('commands')
  const row = {
    name: 'asked',
    preset: 'smoke',
    seed: 1,
    config: {},
    versions: {},
    created_at_ms: 1,
  }
  const first = await openRun(folder, 'asked', row)
  sendCommand(folder, 'asked', 'pause')
  await sleep(5)
  await first.release()
  const second = await openRun(folder, 'asked')
  sendCommand(folder, 'asked', 'stop')
  const after = await second.store.read.lastCommand()
  const asked = await second.store.read.commandsAfter(after)
  expect(asked.map(({ command }) => command)).toEqual(['stop'])
  await second.release()
})
