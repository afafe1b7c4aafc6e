/**
 * `npm run bench:sandbox [ROUNDS=5]`: what the sandbox costs, as ratios to a bare fork.
 *
 * A bare fork is bench/sandbox/bare_fork.py, an unhardened fork server that is given compiled code.
 * CPU time of all processes, one core, medians of interleaved rounds over the 200 programs of
 * bench/sandbox/programs.jsonl. Wall times need a machine that has nothing else to do.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '../sandbox/index.ts'
import { startProcess } from '../sandbox/process.ts'
import type { Limits, Sandbox } from '../sandbox/types.ts'
import { python } from '../src/paths.ts'
import { countOf, readOptions, type Spec } from './options.ts'
import { cpuMsOf, endedChildrenCpuMs, ownCpuMs, pin, pssMbOf } from './sandbox/cpu.ts'
import { type Compiled, compileAll, type Server, startBare, startServer } from './sandbox/direct.ts'

const spec: Spec = {
  command: 'npm run bench:sandbox --',
  about: 'What the sandbox costs, as ratios to a bare fork. Wall times need a machine at rest.',
  positions: { ROUNDS: { about: 'interleaved rounds', default: '5' } },
}
const rounds = countOf(spec, readOptions(spec), 'ROUNDS')
const limits: Limits = { timeoutMs: 1000, memoryMb: 512, maxOutputBytes: 65536, runs: 2 }
const programs = readFileSync(join(import.meta.dirname, 'sandbox', 'programs.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as { program: string; inputs: string[] })

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
const say = (text: string) => process.stdout.write(`${text}\n`)

function need(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`Cannot measure as ${what}`)
}

/** CPU time of `pids` in one piece of work, microseconds for each execution that it says it did. */
async function spend(pids: number[], work: () => Promise<number>): Promise<number> {
  const before = cpuMsOf(pids)
  const count = await work()
  return (1000 * (cpuMsOf(pids) - before)) / count
}

function batchesOf<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** Never the same text twice: the front knows what it has compiled. */
let texts = 0
const fresh = (program: string) => `${program}# ${++texts}\n`

// A thousand programs at once, as a step has them: batches are full but for the last.
const crowd = Array.from({ length: 5 }, () => programs).flat()

async function validateAll(sandbox: Sandbox): Promise<number> {
  const found = await Promise.all(
    crowd.map(({ program, inputs }) =>
      sandbox.execute({ program: fresh(program), inputs: inputs.slice(0, 1), limits }),
    ),
  )
  const right = found.filter(([one]) => one?.outcome === 'returned' && one.canonical !== null)
  need(right.length > 0.95 * crowd.length, `only ${right.length} programs returned`)
  return right.length
}

/** End to end: our own CPU time and that of front and servers, microseconds a validated program. */
async function endToEnd(sandbox: Sandbox): Promise<number> {
  const own = ownCpuMs()
  const theirs = await spend(sandbox.pids(), () => validateAll(sandbox))
  return theirs + (1000 * (ownCpuMs() - own)) / crowd.length
}

const repeat = 2
const compiled = compileAll(python)
const singles = compiled.map(inputs => inputs[0] as Compiled)

async function inTurn(run: (one: Compiled) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < repeat; i++) for (const one of singles) await run(one)
  return repeat * singles.length
}

/** On a busy machine one of a batch may be left over: only those that returned count. */
async function inBatches(server: Server, batches: Compiled[][]): Promise<number> {
  let returned = 0
  for (const batch of batches) returned += await server.run(batch, true)
  return returned
}

function perProcess(): number {
  const some = programs.filter((_, i) => i % 10 === 0)
  const before = endedChildrenCpuMs()
  for (const { program, inputs } of some) {
    const { status } = spawnSync(python, ['-I', '-S', '-c', `${program}\nf(${inputs[0]})`])
    need(status === 0, 'a program failed under python3 -c')
  }
  return (1000 * (endedChildrenCpuMs() - before)) / some.length
}

async function measureCpu() {
  const [bare, warm] = [startBare(python, 'fork'), startBare(python, 'warm')]
  const server = await startServer(python)
  const [at32, at64] = await Promise.all(
    [32, 64].map(sharing => startSandbox({ python, workers: 1, sharing, auditOneIn: 100 })),
  )
  const mixed = batchesOf(
    [...Array(8).keys()].flatMap(i => compiled.map(p => p[i]!)),
    32,
  )
  const rows: Record<string, () => Promise<number>> = {
    'bare fork': () => spend([bare.pid], () => inTurn(bare.run)),
    'isolated, one program a fork': () =>
      spend([server.pid], () => inTurn(one => server.run([one], false))),
    'one program x 8 inputs': () => spend([server.pid], () => inBatches(server, compiled)),
    'shared tame batches, K = 32': () => spend([server.pid], () => inBatches(server, mixed)),
    'end to end, K = 32': () => endToEnd(at32!),
    'end to end, K = 64': () => endToEnd(at64!),
    'warm worker, no isolation': () => spend([warm.pid], () => inTurn(warm.run)),
    'python3 -I -S -c': async () => perProcess(),
  }
  const found = new Map<string, number[]>(Object.keys(rows).map(name => [name, []]))
  for (const measure of Object.values(rows)) await measure()
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(rows)) found.get(name)?.push(await measure())
  }
  bare.stop()
  warm.stop()
  await Promise.all([server.stop(), at32!.stop(), at64!.stop()])
  return new Map([...found].map(([name, values]) => [name, median(values)]))
}

/** Validated programs a second of wall time. */
async function throughput(cores: string, workers: number): Promise<number> {
  pin(cores)
  const sandbox = await startSandbox({ python, workers })
  await validateAll(sandbox)
  const begun = performance.now()
  for (let i = 0; i < 2; i++) await validateAll(sandbox)
  const seconds = (performance.now() - begun) / 1000
  await sandbox.stop()
  return (2 * crowd.length) / seconds
}

async function withRunaways(): Promise<number> {
  pin('0,1')
  const sandbox = await startSandbox({ python, workers: 2 })
  const jobs = programs.slice(0, 100).map(({ program, inputs }, i) => ({
    program: i === 30 || i === 70 ? `def f(*a):\n    while True:\n        pass\n# ${i}` : program,
    inputs: inputs.slice(0, 1),
    limits,
  }))
  const begun = performance.now()
  const found = await Promise.all(jobs.map(job => sandbox.execute(job)))
  const seconds = (performance.now() - begun) / 1000
  const slow = found.filter(([one]) => one?.outcome === 'timedOut')
  need(slow.length === 2, `${slow.length} programs timed out in place of 2`)
  await sandbox.stop()
  return seconds
}

async function serverStart(): Promise<{ cpuMs: number; pssMb: number }> {
  const starts: number[] = []
  let pssMb = 0
  for (let i = 0; i < 5; i++) {
    const server = await startProcess({ python }, { name: 'server', hashSeed: 1 })
    starts.push(cpuMsOf([server.pid]))
    pssMb = pssMbOf(server.pid)
    server.kill()
    await server.ended
  }
  return { cpuMs: median(starts), pssMb }
}

const targets: Record<string, number> = {
  'isolated, one program a fork': 0.9,
  'one program x 8 inputs': 4,
  'shared tame batches, K = 32': 9,
  'end to end, K = 32': 2.8,
  'end to end, K = 64': 2.8,
}

pin('0')
const version = spawnSync(python, ['--version']).stdout.toString().trim()
say(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${version}, Node ${process.version}; ${rounds} rounds`,
)
say(
  '| CPU time of all processes, one core | us | ratio to a bare fork | target |\n|---|---|---|---|',
)
const rows = await measureCpu()
const bareUs = rows.get('bare fork') ?? 0
for (const [name, us] of rows) {
  const target = targets[name] === undefined ? '' : `${targets[name]}`
  say(`| ${name} | ${us.toFixed(0)} | ${(bareUs / us).toFixed(2)} | ${target} |`)
}
const { cpuMs, pssMb } = await serverStart()
say(`| server start, ms of CPU | ${cpuMs} | | <= 80 |`)
say(`| server, MB of memory (PSS) | ${pssMb.toFixed(1)} | | <= 10 |`)
const pairs: [number, number][] = []
for (let i = 0; i < Math.min(rounds, 3); i++) {
  pairs.push([await throughput('0', 1), await throughput('0,1', 2)])
}
const ratio = median(pairs.map(([one, two]) => two / one))
const [one, two] = [median(pairs.map(p => p[0])), median(pairs.map(p => p[1]))]
say(
  `| two cores over one, wall | ${one.toFixed(0)} -> ${two.toFixed(0)} /s | ${ratio.toFixed(2)} | 1.6 |`,
)
const walls: number[] = []
for (let i = 0; i < Math.min(rounds, 3); i++) walls.push(await withRunaways())
say(`| 100 programs, 2 never end: wall, s | ${median(walls).toFixed(2)} | | <= 2.5 |`)
