/**
 * `azr doctor --gpu` with the real vLLM on this machine's CPU and the tiny model: every row except
 * those that need CUDA or whole weights. test/run/proof has the rows that fail.
 */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
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
  'learner compared with itself, two shapes': 'PASS',
  'score at full length, engine awake': 'PASS',
  'engine sleeps': 'SKIP',
  'memory of an update': 'PASS',
  'engine killed and started again': 'PASS',
  sampling: 'PASS',
  'one update': 'PASS',
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
})
