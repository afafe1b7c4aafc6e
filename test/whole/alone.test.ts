/** A run is self-contained: it stores its suites' items, and recognises its model in any folder. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, inject, test } from 'vitest'
import { compareRuns } from '../../state/compare.ts'
import { temporary } from '../temporary.ts'
import { azr } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
const folder = temporary('model')
const first = join(folder, 'first')
const moved = join(folder, 'moved')

/** Items in another order: each is valid, but not the one that was asked. */
function turnSuites(model: string): void {
  const suites = join(model, 'suites')
  for (const name of readdirSync(suites)) {
    const lines = readFileSync(join(suites, name), 'utf8').trim().split('\n')
    writeFileSync(join(suites, name), `${lines.reverse().join('\n')}\n`)
  }
}

test('a run continues with the items it began with, and with its model from any folder', async () => {
  cpSync(inject('reference'), join(home, 'alone'), { recursive: true })
  const client = new Database(join(home, 'alone', 'run.db'))
  client.exec(`delete from steps where step = 3; delete from digests where step = 3;
    update run set config = json_set(config, '$.model.path', '${first}')`)
  client.close()
  cpSync('models/micro', moved, { recursive: true })
  turnSuites(moved)
  const args = ['resume', 'alone', '--redo', '--no-serve']
  const gone = await azr(args, { home })
  expect(gone.err).toMatch(/Cannot find model .*--model\.path=DIR/)
  expect(gone.code).toBe(2)
  const again = await azr([...args, `--model.path=${moved}`], { home })
  expect(again.code, again.err).toBe(0)
  expect(compareRuns(inject('reference'), join(home, 'alone'))).toEqual([])
})

test('a fork that needs more of a suite that has changed is refused', async () => {
  const args = ['fork', 'alone', '--at', '1', '--run', 'more', '--no-start']
  const more = [`--model.path=${moved}`, '--evaluate.items=6']
  const { code, err } = await azr([...args, ...more], { home })
  expect(err).toMatch(/suite micro-easy as its item .* has changed since the run began/)
  expect(code).toBe(2)
  cpSync('models/micro/suites', join(moved, 'suites'), { recursive: true })
  const made = await azr([...args, ...more], { home })
  expect(made.code, made.err).toBe(0)
  const checked = await azr(['db', 'check', 'more'], { home })
  expect(checked.code, checked.out).toBe(0)
})

test('another model is refused before anything starts; a replay needs none', async () => {
  const tokenizer = join(moved, 'tokenizer_config.json')
  writeFileSync(tokenizer, readFileSync(tokenizer, 'utf8').replace('}', ' }'))
  for (const args of [
    ['resume', 'alone', '--steps=9'],
    ['fork', 'alone', '--at', '1', '--no-start'],
  ]) {
    const { code, err } = await azr([...args, `--model.path=${moved}`], { home })
    expect(err).toMatch(/is not the one that it began with: restore it/)
    expect(code).toBe(2)
  }
  rmSync(moved, { recursive: true })
  const { code, err } = await azr(['replay', 'alone'], { home })
  expect(code, err).toBe(0)
})
