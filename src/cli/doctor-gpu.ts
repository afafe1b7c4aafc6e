/**
 * `azr doctor --gpu PRESET`: carries out a proof on this machine and shows it. The folder of the
 * proof is deleted afterwards.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { jsonText } from '../../lib/terminal.ts'
import type { Finding } from '../config/card-findings.ts'
import type { Config } from '../config/config.ts'
import { findModel } from '../config/model.ts'
import { kindsIn, openPlugins } from '../plugins/open.ts'
import { shortestPrompts } from '../run/prompts.ts'
import { prove } from '../run/proof/index.ts'
import { type Args, homeOf } from './args.ts'
import { fitHere } from './plan.ts'
import { proofReport, rowLines } from './proof-report.ts'

/** Fewer probes would show too little. */
const fewestProbes = 8

async function promptsOf(config: Config) {
  const kinds = kindsIn(config, await openPlugins(config))
  // A preset for suites alone has no prompts of its own.
  const asked = { ...config, steps: Math.max(1, config.steps) }
  return shortestPrompts(asked, kinds, dialectOf(config, kinds.all))
}

export type Report = ReturnType<typeof proofReport>

/** Carries out the proof. `onRow` gets each row in words. */
export async function reportHere(
  args: Args,
  given: Config,
  findings: readonly Finding[],
  onRow: (lines: string[]) => void,
): Promise<Report> {
  if (given.engine.kind === 'endpoints') {
    throw new UsageError(
      'knob-unsuitable',
      'Cannot test a preset with endpoints, because azr starts no engine for it: use ' +
        '--engine.kind=vllm',
    )
  }
  const preset = args.positions[0] ?? 'micro'
  const probes = Math.max(fewestProbes, given.parity.probes)
  const config = { ...given, parity: { ...given.parity, probes } }
  // Use the home folder, because weights are written and the temporary folder may be in memory.
  const folder = mkdtempSync(join(homeOf(args), '.doctor-'))
  const say = (line: string) => void process.stderr.write(`${line}\n`)
  try {
    const model = findModel(config.model.path)
    const fit = fitHere(config)
    const rows = await prove({
      config,
      fit,
      model,
      folder,
      findings,
      prompts: await promptsOf(config),
      onProgress: what => say(`azr: ${what}`),
      onBegin: name => say(`azr: ${name} …`),
      onRow: row => onRow(rowLines(row)),
    })
    return proofReport(preset, config, fit, rows)
  } finally {
    if (args.flags.has('keep')) say(`azr: kept ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

export async function proveHere(
  args: Args,
  config: Config,
  findings: readonly Finding[],
): Promise<number> {
  const isJson = args.flags.has('json')
  const report = await reportHere(args, config, findings, lines => {
    for (const line of lines) (isJson ? process.stderr : process.stdout).write(`${line}\n`)
  })
  if (isJson) process.stdout.write(`${jsonText(report)}\n`)
  return report.ok ? 0 : 1
}
