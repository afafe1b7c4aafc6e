/** A model that writes nothing valid: the run continues with the zero tasks, and reports it. */
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { locate, python } from '../../src/config/paths.ts'
import { temporary } from '../temporary.ts'
import { azr } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()

/** The embedded model's shape with random weights. */
function untrained(): string {
  const folder = join(temporary('weak'), 'model')
  cpSync(locate('models/micro'), folder, { recursive: true })
  const code = `
import sys, torch
from safetensors.torch import load_file, save_file
torch.manual_seed(0)
file = sys.argv[1]
drawn = {k: torch.randn_like(v) * 0.02 if v.ndim > 1 else v for k, v in load_file(file).items()}
save_file(drawn, file, metadata={"format": "pt"})`
  const made = spawnSync(python, ['-c', code, join(folder, 'model.safetensors')])
  if (made.status !== 0) throw new Error(String(made.stderr))
  return folder
}

test('a step or seeding without any valid task does not end the run', async () => {
  const flags = ['--steps=2', '--seeding.minimum=0', '--seeding.rounds=1', '--evaluate.suites=[]']
  const model = `--model.path=${untrained()}`
  // Equal rewards change nothing, so entropy moves the weights, as in smollm2-135m.
  const more = ['--evaluate.between.suites=[]', model, '--trainer.entropyCoefficient=0.001']
  const args = ['train', 'smoke', '--run', 'weak', '--no-serve', ...flags, ...more]
  const { code, err } = await azr(args, { home })
  expect(code, err).toBe(0)
  const all = 'no valid proposal for deduction, abduction, induction: this step trains without'
  expect(err).toMatch(new RegExp(`seeding .*\n +${all}`))
  expect(err).toMatch(new RegExp(`step 2/2 .*\n +${all}`))
  const client = new Database(join(home, 'weak', 'run.db'), { readonly: true })
  const count = (sql: string) => client.prepare(`select count(*) from ${sql}`).pluck().get()
  expect(count("tasks where verdict = 'accepted'")).toBe(3)
  expect(count("rollouts where step > 0 and role = 'solver'")).toBeGreaterThan(0)
  expect(count('updates where skipped is null')).toBe(2)
  expect(count('(select distinct weights_hash from policies)')).toBe(3)
  client.close()
})

test('a kind that fails because of a setting shows the most common refusal', async () => {
  // The base writes eight inputs, so no induction task can have more.
  const flags = ['--propose.inputs=12', '--seeding.rounds=2', '--evaluate.suites=[]']
  const { code, err } = await azr(['train', 'smoke', '--run', 'short', '--no-serve', ...flags], {
    home,
  })
  expect(code, err).toBe(1)
  expect(err).toMatch(/tasks of induction \(refused 16 times: too few inputs\) in 2 rounds/)
})
