/**
 * The one list of what keeps a model from working with a config on this machine, each with a way
 * out, and of what is worth knowing of it. `train`, `--dry-run`, `plan` and `doctor` ask it.
 * transformers and vLLM say themselves what they can do, in processes of their own.
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

/** What a Python of ours answers; asked once, as commands check again what they start. */
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

/**
 * The shortest prompts of a run: their texts by what they are, and what an answer to each may take.
 */
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
    `${longest} takes ${counts[longest]} tokens at least, its answer ${prompts[longest]?.answer} more, ` +
      `and engine.maxLength holds ${engine.maxLength}: --engine.maxLength=${2 * needs(longest)}`,
  ]
}

export function suitableOf(config: Config, folder: string, prompts: Prompts = {}): Suitable {
  const basic = modelRefusals(config, folder, backendOf(config) === 'plain')
  if (basic.length > 0) return { refusals: basic, notes: [] }
  const { refusals, notes } = byLearner(config, folder)
  const short = [...refusals, ...byLength(config, folder, prompts)]
  // vLLM takes its time to say it.
  return { refusals: short.length > 0 ? short : byEngine(config, folder), notes }
}

/** Throws where there is a refusal. */
export function checkSuitable(config: Config, folder: string, prompts?: Prompts): string[] {
  const { refusals, notes } = suitableOf(config, folder, prompts)
  if (refusals.length === 0) return notes
  throw new UsageError(
    'model-unsuitable',
    `Cannot use model ${config.model.path}: ${refusals.join('; and ')}`,
  )
}
