/**
 * The dialect `code` to the end of a short run, with the shapes of two families and a byte-level
 * tokenizer.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { python, trainerFolder } from '../../src/config/paths.ts'
import { temporary } from '../temporary.ts'
import { azr } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()

function tiny(family: string): string {
  const folder = join(temporary('tiny'), family)
  const script = join(import.meta.dirname, '..', 'fixtures', 'models', 'tiny.py')
  const env = { ...process.env, PYTHONPATH: trainerFolder }
  const made = spawnSync(python, [script, folder, family], { env, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  return folder
}

test.each(['qwen2', 'llama'])(
  'a tiny %s gets prompts in code, answers and learns',
  async family => {
    const name = `code-${family}`
    const flags = [
      '--dialect=code',
      `--model.path=${tiny(family)}`,
      '--engine.maxLength=1024',
      '--propose.inputs=4',
      '--propose.maxTokens=24',
      '--solve.maxTokens=16',
      // It writes nothing valid, so it answers the zero tasks, and entropy moves it.
      '--seeding.minimum=0',
      '--seeding.rounds=1',
      '--seeding.batch=2',
      '--trainer.entropyCoefficient=0.01',
      '--evaluate.suites=[]',
      '--evaluate.between.suites=[]',
    ]
    const args = ['train', 'smoke', '--run', name, '--no-serve', '--steps=2', ...flags]
    const { code, err } = await azr(args, { home })
    expect(code, err).toBe(0)
    const client = new Database(join(home, name, 'run.db'), { readonly: true })
    const list = (sql: string) => client.prepare(sql).pluck().all()
    const asked = (role: string, kind: string) =>
      list(
        `select distinct prompts.text from prompts join rollouts on prompt_hash = hash
       where role = '${role}' and kind = '${kind}' and step > 0`,
      )
    for (const text of asked('proposer', 'deduction')) expect(text).toMatch(/\n\n\ndef f$/)
    for (const text of asked('proposer', 'induction')) expect(text).toMatch(/\n\nf\(.*\)\n$/)
    expect(asked('solver', 'deduction').length).toBeGreaterThan(0)
    for (const text of asked('solver', 'deduction')) expect(text).toMatch(/\nassert f\(.*\) ==$/)
    for (const text of asked('solver', 'abduction')) expect(text).toMatch(/\n# f\(\?\) == .*\n$/)
    expect(list('select count(*) from updates where skipped is null')).toEqual([2])
    expect(list('select count(distinct weights_hash) from policies')).toEqual([3])
    client.close()
  },
)
