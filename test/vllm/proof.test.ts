/**
 * `azr doctor --gpu` with the real vLLM on this machine's CPU and the tiny model: every row except
 * those that need CUDA. Adapters go the way of a user, whole weights over a broken engine.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { builtInKinds } from '../../domain/kinds/index.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { fitHere } from '../../src/cli/plan.ts'
import { loadConfig } from '../../src/config/load.ts'
import { findModel } from '../../src/config/model.ts'
import { trainerFolder } from '../../src/config/paths.ts'
import { shortestPrompts } from '../../src/run/prompts.ts'
import { prove } from '../../src/run/proof/index.ts'
import type { Row } from '../../src/run/proof/rows.ts'
import { temporary } from '../temporary.ts'
import { azr } from '../whole/azr.ts'
import { isHere } from './here.ts'

const limit = 900_000
const knobs = {
  'engine.kind': 'vllm',
  'engine.device': 'cpu',
  'engine.dtype': 'float32',
  'engine.kvCacheMb': '256',
  'deadlines.startSeconds': '600',
  'deadlines.tokenSeconds': '300',
}
const verdicts = (rows: Row[]) =>
  Object.fromEntries(rows.map(({ name, verdict }) => [name, verdict]))
const common = {
  machine: 'PASS',
  environments: 'PASS',
  'engine starts': 'PASS',
  'learner starts': 'PASS',
  'parity at version 0': 'PASS',
  'learner against itself, two shapes': 'PASS',
  'score at full length, engine awake': 'PASS',
  'engine sleeps': 'SKIP',
  'memory of an update': 'PASS',
  'engine killed and started again': 'PASS',
  sampling: 'PASS',
  'one update': 'PASS',
}

/** The same with an engine that breaks, for which there is no flag. */
function broken(folder: string, azr_fault: string): Promise<Row[]> {
  const overrides = Object.entries(knobs).map(([path, value]) => ({ path, value }))
  const config = loadConfig('smoke', overrides)
  const fixtures = join(import.meta.dirname, '..', 'fixtures', 'engine')
  return prove({
    config: { ...config, parity: { ...config.parity, probes: 4 } },
    fit: fitHere(config),
    model: findModel(config.model.path),
    folder,
    findings: [],
    prompts: shortestPrompts(config, builtInKinds, dialectOf(config, builtInKinds.all)),
    vllm: {
      pythonPath: `${trainerFolder}:${fixtures}`,
      extension: `faulty_weights.${azr_fault}`,
    },
    onProgress: () => {},
    onBegin: () => {},
    onRow: () => {},
  })
}

describe.skipIf(!isHere)('azr doctor --gpu', () => {
  const home = isHere ? temporary('vllm-proof') : ''

  test(
    'proves a preset with adapters, as a report to paste, and leaves nothing behind',
    async () => {
      const flags = Object.entries({
        ...knobs,
        'trainer.method': 'lora',
        'trainer.loraRank': '4',
        'engine.loraRank': '4',
      }).map(([path, value]) => `--${path}=${value}`)
      const { code, out, err } = await azr(['doctor', '--gpu', 'smoke', '--json', ...flags], {
        home,
      })
      expect(code, err).toBe(0)
      const report = JSON.parse(out)
      expect(verdicts(report.rows)).toEqual({
        ...common,
        'adapter that changes answers': 'PASS',
        'another adapter, then the first again': 'PASS',
        'changed weights': 'SKIP',
      })
      expect(report).toMatchObject({ ok: true, preset: 'smoke', device: 'cpu' })
      expect(report.vllm).toMatch(/vllm/)
      const parity = report.rows.find(({ name }: Row) => name === 'parity at version 0')
      expect(parity.figures.tokens).toBeGreaterThan(100)
      expect(parity.figures.largest).toBeLessThan(1e-3)
      expect(readdirSync(home).filter(name => name.startsWith('.doctor'))).toEqual([])
    },
    limit,
  )

  test(
    'a skipped load fails its row, which says what to do; the others continue',
    async () => {
      const rows = await broken(join(home, 'broken'), 'Skipping')
      const row = rows.find(({ name }) => name === 'changed weights')
      expect(row).toMatchObject({
        verdict: 'FAIL',
        detail: expect.stringMatching(/like the previous policy/),
        remedy: expect.stringMatching(/report this table/),
      })
      expect(verdicts(rows)['one update']).toBe('PASS')
    },
    limit,
  )
})
