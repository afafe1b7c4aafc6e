/**
 * `azr train --dry-run`: the needs of a run, the processes it would start, and what is missing
 * here.
 */

import { AzrError } from '../../domain/errors.ts'
import { hangHere } from '../../lib/terminal.ts'
import type { Config } from '../config/config.ts'
import { findingsHere } from '../config/machine.ts'
import { embeddedFlags } from '../engine/embedded.ts'
import { vllmOf } from '../engine/start.ts'
import { vllmFlags } from '../engine/vllm.ts'
import { learnerFlags } from '../learner/learner.ts'
import { learnerOf } from '../learner/settings.ts'
import { checkWorld } from '../run/check.ts'
import { corpusFiles } from '../run/corpus.ts'
import { fitLines } from './fit-lines.ts'
import { fitHere } from './plan.ts'

function engineLine(config: Config, share: number | null): string {
  const { engine, model } = config
  switch (engine.kind) {
    case 'embedded': {
      const times = engine.processes > 1 ? ` (${engine.processes} of them)` : ''
      return `python ${embeddedFlags({ ...engine, model: model.path }).join(' ')}${times}`
    }
    case 'vllm': {
      const device = engine.device === 'cpu' ? 'cpu' : 'cuda'
      const options = vllmOf(config, model.path, device, engine.memoryShare ?? share ?? 0)
      return `python -m azr_vllm -- ${vllmFlags(options, 0).join(' ')}`
    }
    case 'endpoints':
      return `none: ${engine.urls.join(', ') || 'no URL is given'}`
  }
}

const settled = ([name, value]: [string, unknown]) => `${name} ${value}`

/** All lines of a dry run that need no process. Port 0 stands for a free one. */
export function dryLines(preset: string, config: Config): string[] {
  const fit = fitHere(config)
  const learner = learnerOf(config, config.model.path)
  return [
    `${preset}, ${(fit.parameters / 1e6).toFixed(0)} M parameters, ${fitLines(fit).join('\n')}`,
    `engine: ${engineLine(config, fit.memoryShare)}`,
    `learner: python ${learnerFlags(learner).join(' ')}`,
    `  loads ${Object.entries(learner.settings).map(settled).join(', ')}`,
  ]
}

/** Returns 0 if the run would start here. */
export async function dryRun(preset: string, config: Config, home: string): Promise<number> {
  const say = (line: string) => {
    for (const part of hangHere(line)) process.stdout.write(`${part}\n`)
  }
  for (const line of dryLines(preset, config).join('\n').split('\n')) say(line)
  const lacking = findingsHere(config, home).filter(({ state }) => state !== 'ok')
  for (const { name, state, detail } of lacking) say(`${state}: ${name}: ${detail}`)
  try {
    const { notes, kinds } = await checkWorld(config, home)
    for (const note of notes) say(`note: ${note}`)
    const { corpus } = config.propose
    if (corpus) say(`corpus: would read ${corpusFiles(corpus, kinds).length} files below ${corpus}`)
  } catch (error) {
    if (!(error instanceof AzrError)) throw error
    say(`would not start here: ${error.message}`)
    return 1
  }
  if (!fitHere(config).fits) {
    say('would start here, and run out of memory')
    return 1
  }
  if (lacking.some(({ state }) => state === 'missing')) {
    say('would not start here: see what is missing above')
    return 1
  }
  say('would start here; nothing was started')
  return 0
}
