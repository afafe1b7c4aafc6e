/**
 * Carries out one arm and seed: trains it (or resumes) until its steps are done, then scores its
 * end with forced answers. Finished parts are skipped.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describeRun, runNames } from '../../state/open.ts'
import type { Arm } from './arms.ts'
import { azr, azrMicro, secondsIn } from './children.ts'
import type { Options } from './options.ts'
import { type Asked, baseDigest, baseModel, itemsOf, type Records, settingsOf } from './records.ts'

/**
 * The name contains the base and the settings, so that a run under others is never mistaken for it.
 */
export function runName(options: Asked & Pick<Options, 'arms'>, arm: string, seed: number): string {
  const settings = settingsOf(options, options.arms[arm] as Arm)
  return `${arm}-${seed}-${settings.slice(0, 6)}`
}
export const forcedName = (run: string) => `${run}-forced`
/** The forced evaluation of the policy that all arms begin with. */
export const startForced = () => `start-forced-${baseDigest().slice(0, 6)}`

export type State = 'absent' | 'unfinished' | 'running' | 'finished'

export function stateOf(home: string, name: string, steps: number | null = null): State {
  if (!runNames(home).includes(name)) return 'absent'
  const { alive, step, run } = describeRun(home, name)
  const wanted = steps ?? (run.config as { steps: number }).steps
  if (step !== null && step >= wanted) return 'finished'
  return alive ? 'running' : 'unfinished'
}

const list = (names: string[]) => `[${names.join(', ')}]`

/** The base answers alike in all arms of a seed, so it is scored once per seed. */
function trainFlags(options: Options, arm: Arm, seed: number, isStartKnown: boolean) {
  const { suites, steps, jobs } = options
  const items = itemsOf(options, arm)
  return [
    ...arm.flags,
    `--seed=${seed}`,
    `--evaluate.suites=${list(suites)}`,
    ...(isStartKnown ? ['--evaluate.start=false'] : []),
    ...(steps === null ? [] : [`--steps=${steps}`]),
    ...(items === null ? [] : [`--evaluate.items=${items}`, `--evaluate.between.items=${items}`]),
    ...(jobs > 1 ? ['--trainer.threads=1', '--engine.processes=1'] : []),
  ]
}

type Training = { name: string; arm: Arm; seed: number; isStartKnown: boolean }

async function train(options: Options, training: Training): Promise<void> {
  const { home, steps } = options
  const { name, arm, seed, isStartKnown } = training
  const folder = join(home, name)
  const where = ['--home', home, '--no-serve']
  switch (stateOf(home, name, steps)) {
    case 'finished':
      return
    case 'running':
      throw new Error(`another process is working on ${name}`)
    case 'unfinished':
      return azr(folder, [
        'resume',
        name,
        ...where,
        ...(steps === null ? [] : [`--steps=${steps}`]),
      ])
    case 'absent':
      return azr(folder, [
        'train',
        arm.preset,
        '--run',
        name,
        ...where,
        ...trainFlags(options, arm, seed, isStartKnown),
      ])
  }
}

type Scoring = { name: string; model: string; modes: string; seed: number }

/** Scores a finished run with `azr eval`, which continues where it was interrupted. */
export async function score(
  options: Pick<Options, 'home' | 'suites' | 'items'>,
  { name, model, modes, seed }: Scoring,
): Promise<void> {
  const { home, suites, items } = options
  if (stateOf(home, name) === 'finished') return
  await azr(join(home, name), [
    'eval',
    '--home',
    home,
    '--no-serve',
    '--run',
    name,
    '--model',
    model,
    '--suite',
    suites.join(','),
    '--mode',
    modes,
    `--seed=${seed}`,
    ...(items === null ? [] : ['--items', String(items)]),
  ])
}

/** Scores the base model with forced answers, once for all arms. */
export async function scoreStart(options: Options): Promise<void> {
  const base = { model: baseModel(), seed: 1 }
  await score(options, { ...base, name: startForced(), modes: 'direct,scratch' })
}

/** Wall-clock minutes that runs of `full` spent on anything except held-out suites. */
export type MinutesOf = (home: string) => number | null

async function continuePretraining(
  options: Options,
  name: string,
  seed: number,
  minutes: number,
): Promise<void> {
  const { home } = options
  const model = join(home, name, 'model')
  if (!existsSync(model)) {
    const half = `${model}.half`
    rmSync(half, { recursive: true, force: true })
    const place = ['--from', baseModel(), '--out', half, '--port', String(29_600 + (seed % 300))]
    const args = ['pretrain', ...place, '--minutes', String(minutes), '--seed', String(seed)]
    await azrMicro(join(home, name), args)
    renameSync(half, model)
  }
  await score(options, { name, model, modes: 'greedy,sampled', seed })
}

/** Carries one arm and seed to its end. Returns a word that says what was done. */
export async function carryOut(
  options: Options,
  arm: string,
  seed: number,
  records: Records,
  minutes: number | null,
): Promise<string> {
  const { home } = options
  const name = runName(options, arm, seed)
  const definition = options.arms[arm] as Arm
  const known = records.freeStart(seed, itemsOf(options, definition))
  const isStartKnown = arm !== 'full' && known !== undefined
  if (definition.isSupervised) {
    if (minutes === null)
      throw new Error(`${arm} needs --minutes, or a run of full to copy the time from`)
    if (!isStartKnown) throw new Error(`${arm} needs a run of full with seed ${seed} for its start`)
    await continuePretraining(options, name, seed, minutes)
  } else await train(options, { name, arm: definition, seed, isStartKnown })
  if (definition.items !== undefined) return `${name}: ${secondsIn(join(home, name)).toFixed(0)} s`
  const model = definition.isSupervised ? join(home, name, 'model') : name
  await score(options, { name: forcedName(name), model, modes: 'direct,scratch', seed })
  return `${name}: ${secondsIn(join(home, name)).toFixed(0)} s`
}
