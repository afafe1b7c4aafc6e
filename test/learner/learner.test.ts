/**
 * The learner's processes as azr starts them. Their results are tested in
 * trainer/tests/test_ranks.py.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { LearnerGone } from '../../domain/errors.ts'
import { parseConfig } from '../../src/config/load.ts'
import { locate, python, trainerFolder } from '../../src/config/paths.ts'
import { startLearner } from '../../src/learner/learner.ts'
import { learnerOf } from '../../src/learner/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'azr-learner-'))
afterAll(() => rmSync(folder, { recursive: true }))

const parse = (trainer: object) => parseConfig({ trainer }, 'a test')

test('two processes answer as one, and end together', async () => {
  const model = locate('models/micro')
  const learner = await startLearner({
    python,
    pythonPath: trainerFolder,
    ...learnerOf(parse({ processes: 2 }), model),
    threads: 1,
    device: 'cpu',
    logPath: join(folder, 'learner.log'),
    cacheDir: folder,
  })
  const tree = `/proc/${learner.pid}/task/${learner.pid}/children`
  const [other] = existsSync(tree) ? readFileSync(tree, 'utf8').trim().split(' ') : []
  expect((await learner.hello()).processes).toBe(2)
  const { parameters } = await learner.load(model)
  expect(parameters).toBeGreaterThan(1e5)
  const [scored] = await learner.score([Int32Array.of(3, 4, 5)])
  expect(scored).toHaveLength(2)
  await learner.stop()
  // Its descriptors are gone with it. At most an unreaped entry is left.
  if (other) expect(existsSync(`/proc/${other}/fd/3`)).toBe(false)
})

test('a learner that sends garbage is ended, with that reason', async () => {
  const pythonPath = join(folder, 'babbling')
  mkdirSync(join(pythonPath, 'azr_trainer'), { recursive: true })
  const babble = 'import os, time\nos.write(4, b"\\xff" * 8)\ntime.sleep(60)\n'
  writeFileSync(join(pythonPath, 'azr_trainer', '__main__.py'), babble)
  const learner = startLearner({
    python,
    pythonPath,
    ...learnerOf(parse({}), 'none'),
    threads: 1,
    device: 'cpu',
    logPath: join(folder, 'babbling.log'),
    cacheDir: folder,
  })
  await expect(learner).rejects.toThrow(LearnerGone)
  await expect(learner).rejects.toThrow(/learner sent an unreadable message: .*/)
})

test('settings that shards do not support are refused before anything starts', () => {
  expect(() => parse({ processes: 2, optimizer: 'adamwCpu' })).toThrow(/trainer.optimizer=adamw/)
  expect(() => parse({ processes: 2, world: 1 })).toThrow(/counts all processes/)
  expect(() => parse({ processes: 2, world: 4 })).toThrow(/HOST:PORT of this machine/)
  expect(() => parse({ meet: 'here' })).toThrow(/has to be HOST:PORT/)
})
