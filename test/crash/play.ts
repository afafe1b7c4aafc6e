/**
 * The game: begin, kill, damage, resume, until a run is done; then compare it with the reference.
 */
import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stream } from '../../domain/rng.ts'
import { compareRuns } from '../../state/compare.ts'
import { readRun } from '../../state/open.ts'
import { damages } from './damage.ts'
import { committed, effectsOf, nothing, repeated } from './effects.ts'
import { begin, durations, type Session, whenIn, witnessed } from './session.ts'
import { fillDisk, killChild, killMain, mountDisk, unmountDisk, type Victim } from './victims.ts'

const isFull = /No space left on device|the disk is full/
const preset = join(import.meta.dirname, 'crash.yaml')

/**
 * Every state of the run machine except its ends. Rolling takes most of the time, so most kills.
 */
const states = [
  'starting',
  'locating',
  'preparing.exporting',
  'preparing.loading',
  'preparing.probing',
  'planning',
  'rolling',
  'confirming',
  'grading',
  'updating',
  'saving',
  'refreshing.exporting',
  'refreshing.loading',
  'refreshing.probing',
  'choosing',
  'returning.exporting',
  'returning.loading',
  'returning.probing',
  'evaluating',
  'adding',
  'closing',
  'rolling',
  'rolling',
  'rolling',
  'updating',
  'evaluating',
]
/** Ten kills. The disk has its turn if there is one that may be filled. */
const turns: Victim[] = [
  ...(['main', 'engine', 'all', 'learner', 'main', 'sandbox', 'disk', 'all'] as const),
  ...(['learner', 'main'] as const),
]

export type Options = {
  home: string
  instants: number
  seed: number
  say: (line: string) => void
}

/** The last checkpoint, byte by byte. The optimiser's file may name equal tensors differently. */
function weightsOf(home: string, name: string): string {
  const last = readRun(home, name, reader => reader.checkpoints()).at(-1)
  const file = join(home, name, last?.path ?? '', 'model.safetensors')
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

export async function play({ home, instants, seed, say }: Options) {
  const disk = join(home, 'small')
  const hasDisk = mountDisk(disk, 64)
  const place = hasDisk ? disk : home
  const draw = stream(seed, 'crash')
  const random = (below: number) => draw.int(Math.max(1, below))
  const faults: string[] = []
  const fault = (text: string) => {
    faults.push(text)
    say(`FAULT ${text}`)
  }
  const tally = new Map<string, number>()
  const count = (key: string) => tally.set(key, (tally.get(key) ?? 0) + 1)
  const wanted = Array.from({ length: instants }, (_, i) => states[i % states.length] as string)
  const total = { completions: 0, executions: 0, updates: 0 }
  let kills = 0

  const reference = begin(
    ['train', preset, '--run', 'whole'],
    place,
    'whole',
    join(home, 'whole.txt'),
  )
  if ((await reference.ended) !== 0) throw new Error(`The reference failed:\n${reference.said()}`)
  reference.close()
  const whole = effectsOf(witnessed(join(home, 'whole.txt')))
  const spans = durations(join(place, 'whole'))
  const steps = readRun(place, 'whole', reader => reader.lastStep())
  say(`reference: ${steps} steps, ${JSON.stringify(whole)}${hasDisk ? '' : '; no disk to fill'}`)

  /** One kill in this session. Returns whether the session continues. */
  const strike = async (session: Session, state: string): Promise<boolean> => {
    let victim = turns[kills % turns.length] as Victim
    if (victim === 'disk' && !hasDisk) victim = 'main'
    await sleep(random(Math.ceil(spans.get(state) ?? 10)))
    kills += 1
    wanted.splice(wanted.indexOf(state), 1)
    count(`${victim} in ${state}`)
    if (kills % 10 === 0) say(`${kills} of ${instants} instants, ${faults.length} faults`)
    if (victim === 'main' || victim === 'all') {
      const left = await killMain(session, victim)
      if (left.length > 0) fault(`${left.length} processes outlived ${victim} in ${state}`)
      return false
    }
    if (victim !== 'disk') return killChild(session, victim, random)
    const free = fillDisk(disk)
    const code = await Promise.race([session.ended, sleep(60_000)])
    free()
    // It ends by itself, unless the remaining writes fit on the disk.
    if (code === undefined) await killMain(session, 'main')
    else if (code !== 0 && !isFull.test(session.said())) {
      fault(`a full disk in ${state} ended with ${code}: ${session.said().slice(-300)}`)
    }
    return false
  }

  /** One session with its kills. Returns the exit code; null if it was killed. */
  const live = async (name: string, isFirst: boolean, number: number) => {
    const folder = join(place, name)
    const witness = join(home, `${name}-${number}.txt`)
    const before = isFirst ? nothing : committed(folder)
    const args = isFirst ? ['train', preset, '--run', name] : ['resume', name]
    const session = begin(args, place, name, witness)
    const first = kills
    for (let goesOn = true; goesOn; ) {
      const state = await whenIn(session, found => wanted.includes(found) && random(3) > 0)
      goesOn = state !== null && (await strike(session, state))
    }
    const code = await session.ended
    session.close()
    const lines = witnessed(witness)
    const effects = effectsOf(lines)
    total.completions += effects.completions
    total.executions += effects.executions
    total.updates += effects.updates
    const after = committed(folder)
    for (const found of repeated(lines, before, after, kills - first)) {
      fault(`${name}, session ${number}: ${found}`)
    }
    if (code !== 0 && code !== null && !isFull.test(session.said())) {
      fault(`${name}, session ${number} ended with ${code}: ${session.said().slice(-500)}`)
    }
    rmSync(witness, { force: true })
    return { code, isOver: code === 0 }
  }

  let runs = 0
  while (wanted.length > 0 && faults.length < 5) {
    const name = `killed-${++runs}`
    const killsBefore = kills
    for (let number = 0, isOver = false; !isOver && number < 200 && faults.length < 5; number++) {
      const { code, isOver: done } = await live(name, number === 0, number)
      isOver = done
      if (isOver) break
      const kinds = Object.keys(damages)
      const kind =
        code === null && random(2) === 0 ? (kinds[random(kinds.length)] as string) : 'nothing'
      damages[kind]?.(join(place, name), random)
      if (kind !== 'nothing') count(`left behind: ${kind}`)
    }
    const differences = compareRuns(join(place, 'whole'), join(place, name))
    for (const found of differences) fault(`${name} differs: ${JSON.stringify(found)}`)
    if (differences.length === 0 && weightsOf(place, name) !== weightsOf(place, 'whole')) {
      fault(`${name} has other weights`)
    }
    // These states pass too quickly to hit in a run without other kills.
    if (kills === killsBefore && wanted.length > 0) {
      say(`never met: ${wanted.join(', ')}; rolling takes their place`)
      wanted.fill('rolling')
    }
    say(`${name}: ${kills} of ${instants} instants, ${faults.length} faults`)
    if (faults.length === 0) rmSync(join(place, name), { recursive: true })
  }
  if (hasDisk && faults.length === 0) unmountDisk(disk)
  const summary = [
    ...[...tally].sort().map(([what, times]) => `  ${String(times).padStart(3)} ${what}`),
    `${runs} runs asked for ${JSON.stringify(total)}: without a kill ${JSON.stringify(whole)} each`,
  ]
  return { faults, kills, summary }
}
