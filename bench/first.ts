/**
 * Measures how long a newcomer waits: a clone, its set-up by phases, the first reward of `npm
 * start`.
 *
 * npm run bench:first -- [--warm] [--once] [--against COMMIT]
 *
 * It clones what is committed and starts `micro` there, with empty caches of npm, pip and uv.
 * Baselines of the same run: the set-up of another commit, the phases one after another, and the
 * same start with the base's suites before step 1. Last, it times the launcher with nothing stale
 * against Node alone.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../src/config/paths.ts'
import { openForReading } from '../state/database.ts'
import { readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:first --',
  about: 'Measures how long a newcomer waits: a clone, its set-up by phases, the first reward.',
  flags: {
    warm: { about: 'with the caches of npm, pip and uv that this machine has' },
    against: { value: 'COMMIT', about: 'also set up this commit, with its own empty caches' },
    once: { about: 'skip the second start, which is compared with the first' },
  },
}
const options = readOptions(spec)
const place = mkdtempSync(join(tmpdir(), 'azr-first-'))
const clone = join(place, 'azr')
const home = join(place, 'runs')
const cacheNames = ['npm_config_cache', 'PIP_CACHE_DIR', 'UV_CACHE_DIR']
const envWith = (caches: string) => {
  const own = Object.fromEntries(cacheNames.map(name => [name, join(place, caches, name)]))
  return { ...process.env, ...(options.warm ? {} : own) }
}
const env = envWith('caches')
const say = (line: string) => process.stdout.write(`${line}\n`)

/** Starts `micro` like `npm start`. */
function start(name: string, flags: string[]): ChildProcess {
  const args = ['train', 'micro', '--run', name, '--home', home, '--no-serve', ...flags]
  return spawn(join(clone, 'scripts', 'azr'), args, { cwd: clone, env, stdio: 'pipe' })
}

/** When the run says that it began, and when the first answer of its first step got its reward. */
type Waited = { begunMs: number; rewardMs: number; said: string }

const rewarded = `select at_ms from messages where type = 'answer.graded' and item_id like '000001.%'
  order by seq limit 1`

/** The time of the first reward, in ms since the epoch; null if there is none yet. */
function rewardIn(name: string): number | null {
  try {
    const { client } = openForReading(join(home, name, 'run.db'))
    const found = client.prepare(rewarded).pluck().get() as number | undefined
    client.close()
    return found ?? null
  } catch {
    return null
  }
}

async function untilReward(name: string, flags: string[] = []): Promise<Waited> {
  const startMs = Date.now()
  const child = start(name, flags)
  let said = ''
  let begunMs = 0
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (begunMs === 0 && said.includes(`run ${name} in`)) begunMs = Date.now() - startMs
  })
  const ended = once(child, 'close')
  for (;;) {
    const at = begunMs > 0 ? rewardIn(name) : null
    if (at !== null || child.exitCode !== null) {
      child.kill('SIGTERM')
      await ended
      if (at === null) throw new Error(`The run ended before its first reward:\n${said}`)
      return { begunMs, rewardMs: at - startMs, said }
    }
    await sleep(100)
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const ratio = (ms: number, beforeMs: number) => `ratio ${(ms / beforeMs).toFixed(2)}`

/** The time of another commit's set-up, alone. */
function setUpOf(commit: string): number {
  const other = join(place, 'other')
  spawnSync('git', ['clone', '--quiet', root, other], { stdio: 'inherit' })
  spawnSync('git', ['checkout', '--quiet', commit], { cwd: other, stdio: 'inherit' })
  writeFileSync(join(other, 'nothing.ts'), '')
  const begun = performance.now()
  const args = ['runtime', 'nothing.ts']
  const launch = join(other, 'scripts', 'launch')
  const { status } = spawnSync(launch, args, { cwd: other, env: envWith('other-caches') })
  if (status !== 0) throw new Error(`Cannot set up ${commit}: it ended with ${status}`)
  return performance.now() - begun
}

/** Median times of a program that does nothing: through the launcher, and with Node alone. */
function launches(count = 9): [launcherMs: number, nodeMs: number] {
  mkdirSync(join(clone, '.azr'), { recursive: true })
  writeFileSync(join(clone, '.azr', 'nothing.ts'), '')
  const time = (command: string, args: string[]) => {
    const begun = performance.now()
    spawnSync(command, args, { cwd: clone, env })
    return performance.now() - begun
  }
  const median = (command: string, args: string[]) =>
    Array.from({ length: count }, () => time(command, args)).sort((a, b) => a - b)[count >> 1] ?? 0
  const entry = join('.azr', 'nothing.ts')
  const launch = join(clone, 'scripts', 'launch')
  return [median(launch, ['runtime', entry]), median(process.execPath, [join(clone, entry)])]
}

function tellSetUp(said: string, wholeMs: number): void {
  const phases = /set up in \d+ s: (.+)/.exec(said)?.[1] ?? ''
  const summed = [...phases.matchAll(/([\d.]+) s/g)].reduce((sum, [, s]) => sum + Number(s), 0)
  say(`set-up, Node included: ${seconds(wholeMs)}: ${phases}`)
  say(`  the phases one after another: ${summed.toFixed(1)} s`)
}

try {
  say(`${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores`)
  const cloning = performance.now()
  spawnSync('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' })
  say(`clone: ${seconds(performance.now() - cloning)}`)
  const first = await untilReward('first')
  tellSetUp(first.said, first.begunMs)
  say(`  ${/seeding .*/.exec(first.said)?.[0] ?? 'the output has no line about the seeding'}`)
  say(`first reward, ${seconds(first.rewardMs - first.begunMs)} later: ${seconds(first.rewardMs)}`)
  if (options.against) {
    const before = setUpOf(options.against)
    say(`set-up of ${options.against}: ${seconds(before)}; ${ratio(first.begunMs, before)}`)
  }
  const [launcherMs, nodeMs] = launches()
  say(
    `nothing stale: ${launcherMs.toFixed(0)} ms of the launcher, ${nodeMs.toFixed(0)} of Node alone`,
  )
  if (!options.once) {
    const [now, before] = [
      await untilReward('now'),
      await untilReward('before', [
        '--evaluate.between.suites=[micro-easy-dev, micro-hard-dev, micro-easy, micro-hard]',
      ]),
    ].map(({ rewardMs }) => rewardMs) as [number, number]
    const beforeAll = `base's suites before step 1: ${seconds(before)}`
    say(`once set up: ${seconds(now)}; ${beforeAll}; ${ratio(now, before)}`)
  }
} finally {
  rmSync(place, { recursive: true, force: true })
}
