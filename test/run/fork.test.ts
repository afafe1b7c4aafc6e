/**
 * The parts that a fork copies: the checkpoint that it begins from, and a learner that can load it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { corpusRead } from '../../domain/corpus.ts'
import { loadConfig } from '../../src/config/load.ts'
import { checkSameLearner } from '../../src/run/fork.ts'
import { copyCheckpoint } from '../../state/checkpoint-folder.ts'
import { draftFork } from '../../state/fork.ts'
import { readRun } from '../../state/open.ts'
import { makeHome, query, unpack } from './replay/stored.ts'

const home = makeHome()

const configOf = (...knobs: string[]) =>
  loadConfig(
    'smoke',
    knobs.map(knob => {
      const [path = '', value = ''] = knob.split('=')
      return { path, value }
    }),
  )
const lora = (rank: number) => ['trainer.method=lora', `trainer.loraRank=${rank}`]

describe('a learner of another kind than the one that made the weights', () => {
  test.each([
    [[], lora(16), 'method=full'],
    [lora(16), lora(64), 'loraRank=16'],
    [lora(16), [...lora(16), 'trainer.loraAlpha=8'], 'loraAlpha=32'],
    [[], ['trainer.optimizer=adamwCpu'], 'optimizer=adamw:'],
    [['trainer.backend=transformers'], ['trainer.dtype=bfloat16'], 'backend=transformers'],
    [[], ['engine.kind=vllm'], 'backend=plain'],
  ])('%j, then %j is refused, except at step 0', (before, after, made) => {
    const check = (step: number) => () =>
      checkSameLearner('one', step, configOf(...before), configOf(...after))
    expect(check(40)).toThrow(`were made with trainer.${made}`)
    expect(check(40)).toThrow('azr export one --to hf --step 40')
    expect(check(0)).not.toThrow()
  })

  test.each([
    [lora(16), [...lora(16), 'trainer.learningRate=1']],
    [[], ['trainer.loraRank=64', 'trainer.gradientCheckpointing=true', 'seed=9']],
  ])('%j, then %j is the same kind', (before, after) => {
    expect(() => checkSameLearner('one', 40, configOf(...before), configOf(...after))).not.toThrow()
  })
})

describe('a checkpoint', () => {
  const parent = unpack(
    home,
    'parent',
    `delete from checkpoints;
     insert into checkpoints (step, path, weights_hash) values
     (0, 'checkpoints/0', 'a'), (1, 'checkpoints/1', 'b'), (2, 'checkpoints/2', 'c')`,
  )
  const files = { weights: { bytes: 4 } }
  const make = (step: number, weights: string) => {
    const folder = join(parent, 'checkpoints', `${step}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'checkpoint.json'), JSON.stringify({ files }))
    writeFileSync(join(folder, 'weights'), weights)
  }

  test('that is torn or pruned is skipped for the previous one', () => {
    make(0, 'zero')
    make(1, 'o')
    const asked = {
      config: { seed: 1 },
      settings: {},
      versions: {},
      plugins: [],
      kinds: [],
      given: {},
    }
    const draft = draftFork({ ...asked, home, parent: 'parent', step: 2, name: 'child' })
    expect(draft.checkpoint).toBe(0)
    expect(existsSync(join(draft.folder, 'checkpoints/0/weights'))).toBe(true)
    expect(existsSync(join(draft.folder, 'checkpoints/1'))).toBe(false)
    draft.drop()
  })

  test('that disappears while it is copied is skipped without an error', () => {
    expect(copyCheckpoint(join(parent, 'gone'), join(home, 'copy'))).toBe(false)
    expect(existsSync(join(home, 'copy'))).toBe(false)
  })
})

test("what was counted of one's own code is kept with it, and that of another folder is added", () => {
  const counts = { files: 1, functions: 2, kept: 1, skipped: [], unread: [] }
  const told = (folder: string) => ({ ...counts, folder })
  const readFrom = (folder: string, child: string, corpus: string | null, more: string[] = []) => {
    const run_events = more.map(one => {
      return { at_ms: 2, process_pid: 1, event: corpusRead, detail: told(one) }
    })
    const config = { seed: 1, propose: { corpus } }
    const none = { settings: {}, versions: {}, plugins: [], kinds: [] }
    const fork = { home, parent: folder, step: 0, name: child, config, given: { run_events } }
    draftFork({ ...none, ...fork }).keep()
    return readRun(home, child, reader => reader.corpusCounts())
  }
  unpack(
    home,
    'coded',
    `insert into run_events (at_ms, process_pid, event, detail)
     values (1, 1, '${corpusRead}', '${JSON.stringify(told('./a'))}')`,
  )
  expect(readFrom('coded', 'same', './a')).toEqual(told('./a'))
  expect(readFrom('coded', 'other', './b', ['./b'])).toEqual(told('./b'))
  // The grandchild returns to the first folder, whose functions it has.
  expect(readFrom('other', 'back', './a')).toEqual(told('./a'))
  expect(readFrom('coded', 'without', null)).toBe(null)
  const [row] = query(join(home, 'other'), 'select count(*) as n from run_events')
  expect(row).toEqual({ n: 2 })
})

test('a longer context is inherited with the tasks that need it', () => {
  const folder = unpack(
    home,
    'longer',
    `update run set config = json_set(config, '$.engine.maxLength', 250);
     update run_events set detail = '{"steps":2,"maxLength":256}' where event = 'started';
     delete from checkpoints;
     insert into checkpoints (step, path, weights_hash) values (2, 'checkpoints/2', 'c')`,
  )
  mkdirSync(join(folder, 'checkpoints', '2'), { recursive: true })
  writeFileSync(join(folder, 'checkpoints', '2', 'checkpoint.json'), '{"files":{}}')
  const asked = ['fork', 'longer', '--at', '2', '--set', 'steps=9', '--run', 'child', '--no-start']
  const args = ['src/cli/main.ts', ...asked, '--home', home]
  const { stderr } = spawnSync(process.execPath, args, { timeout: 60_000, encoding: 'utf8' })
  expect(stderr).toContain('run child forks from longer at step 2')
  const [row] = query(join(home, 'child'), 'select config from run') as [{ config: string }]
  expect(JSON.parse(row.config).engine.maxLength).toBe(256)
})

test('if the learner cannot start, the command ends', () => {
  const folder = unpack(home, 'mute')
  // A file blocks the folder of its log.
  writeFileSync(join(folder, 'logs'), '')
  const script = `
    import { bringDraftTo } from './src/run/fork.ts'
    const draft = { folder: '${folder}', checkpoint: 0, config: {} }
    await bringDraftTo(draft, 1, 'models/micro', '${home}').catch(error => console.log(error.code))
  `
  const args = ['--input-type=module', '-e', script]
  const { status, stdout } = spawnSync(process.execPath, args, { timeout: 30_000 })
  expect([status, String(stdout)]).toEqual([0, 'EEXIST\n'])
})
