/**
 * Lists what keeps a model from working with a config on this machine, with remedies, and notes
 * about the model. `train`, `--dry-run`, `plan` and `doctor` use it. transformers and vLLM are
 * asked in their own processes.
 */
import { spawnSync } from 'node:child_process'
import { UsageError } from '../../domain/errors.ts'
import { lastLine } from '../../lib/formats.ts'
import { backendOf } from '../config/backend.ts'
import type { Config } from '../config/config.ts'
import { modelRefusals } from '../config/model.ts'
import { enginePython, python, trainerFolder } from '../config/paths.ts'
import { engineDevice } from '../engine/start.ts'

export type Suitable = { refusals: string[]; notes: string[] }

const said = new Map<string, unknown>()

/**
 * The answer of one of our Python scripts. Each is asked once, because commands check again what
 * they start.
 */
function ask(command: string, args: string[], input = ''): unknown {
  const key = JSON.stringify([command, args, input])
  if (said.has(key)) return said.get(key)
  const env = { ...process.env, PYTHONPATH: trainerFolder, HF_HUB_OFFLINE: '1' }
  const options = { env, input, encoding: 'utf8' as const, maxBuffer: 1 << 26 }
  const { status, stdout, stderr } = spawnSync(command, ['-m', ...args], options)
  if (status !== 0)
    throw new UsageError('model-unchecked', `Cannot check the model: ${lastLine(stderr ?? '')}`)
  const found: unknown = JSON.parse(lastLine(stdout))
  said.set(key, found)
  return found
}

function byLearner(config: Config, folder: string): Suitable {
  if (backendOf(config) === 'plain') return { refusals: [], notes: [] }
  return ask(python, ['azr_trainer.suits', folder, '--method', config.trainer.method]) as Suitable
}

function byEngine({ engine }: Config, folder: string): string[] {
  const device = engineDevice()
  if (engine.kind !== 'vllm' || device === null) return []
  const { dtype, maxLength, loraRank } = engine
  const given = ['--device', device, '--dtype', dtype, '--length', String(maxLength)]
  const args = ['azr_vllm.suits', folder, ...given, ...(loraRank > 0 ? ['--lora'] : [])]
  return (ask(enginePython, args) as Suitable).refusals
}

/** The shortest prompts of a run: their texts by name, and the tokens that an answer may have. */
export type Prompts = Record<string, { text: string; answer: number }>

function byLength({ engine }: Config, folder: string, prompts: Prompts): string[] {
  const names = Object.keys(prompts)
  if (names.length === 0) return []
  const texts = Object.fromEntries(names.map(name => [name, prompts[name]?.text]))
  const tokens = ask(python, ['azr_trainer.tokens', folder], JSON.stringify(texts))
  const counts = tokens as Record<string, number>
  const needs = (name: string) => (counts[name] ?? 0) + (prompts[name]?.answer ?? 0)
  const [longest = ''] = names.toSorted((a, b) => needs(b) - needs(a))
  if (needs(longest) <= engine.maxLength) return []
  return [
    `${longest} needs at least ${counts[longest]} tokens and its answer ` +
      `${prompts[longest]?.answer}, but engine.maxLength is ${engine.maxLength}: ` +
      `--engine.maxLength=${2 * needs(longest)}`,
  ]
}

export function suitableOf(config: Config, folder: string, prompts: Prompts = {}): Suitable {
  const basic = modelRefusals(config, folder, backendOf(config) === 'plain')
  if (basic.length > 0) return { refusals: basic, notes: [] }
  const { refusals, notes } = byLearner(config, folder)
  const short = [...refusals, ...byLength(config, folder, prompts)]
  // Ask vLLM last, because it is slow.
  return { refusals: short.length > 0 ? short : byEngine(config, folder), notes }
}

/** Throws if there is a refusal. */
export function checkSuitable(config: Config, folder: string, prompts?: Prompts): string[] {
  const { refusals, notes } = suitableOf(config, folder, prompts)
  if (refusals.length === 0) return notes
  throw new UsageError(
    'model-unsuitable',
    `Cannot use model ${config.model.path}: ${refusals.join('; and ')}`,
  )
}
