/** Runs both graders on the same programs: ours, and the evalplus package in its own Python. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EvalplusItem } from '../../src/benchmarks/evalplus/item.ts'
import { createGraders, gradeAll } from '../../src/benchmarks/graders.ts'
import { linesIn } from '../../src/benchmarks/read.ts'
import { findSuite, openBenchmark } from '../../src/benchmarks/suites.ts'
import { python, root } from '../../src/config/paths.ts'
import { openSandboxes } from '../../src/run/sandboxes.ts'
import { cpuMsOf, ownCpuMs } from '../sandbox/cpu.ts'

export type SetName = 'humanevalplus' | 'mbppplus'
export type Completion = { id: string; kind: string; program: string }
export type Verdict = { isRight: boolean; said: string; detail: string | null }
export type Spent = { seconds: number; cpuSeconds: number }
export type Graded = Spent & { verdicts: Verdict[] }

const folder = join(import.meta.dirname)
/**
 * evalplus's default limits: the least wall time of a call, and memory, which includes the expected
 * values. Programs that fail only there run a second time under the `generous` limits.
 */
const own = { callSeconds: 4, memoryGb: 4 }
export const generous = { callSeconds: 40, memoryGb: 16 }

/** A Python with evalplus: the given one, or else one that the first call installs in .azr. */
export function evalplusPython(given: string | undefined): string {
  if (given) return given
  const home = join(root, '.azr', 'bench', 'evalplus')
  const own = join(home, 'bin', 'python')
  if (!existsSync(join(home, 'done'))) {
    const options = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }
    execFileSync(python, ['-m', 'venv', '--clear', home], options)
    const list = join(folder, 'requirements.txt')
    execFileSync(own, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', list], options)
    writeFileSync(join(home, 'done'), '')
  }
  return own
}

function linesOf(data: string, name: SetName): string[] {
  const lines = linesIn(join(data, name))
  if (!lines)
    throw new Error(`Cannot find ${name}/${name}.jsonl[.gz] in ${data}: name it with --data`)
  return lines
}

/** Reads a set as text, because its lines have numbers that JSON cannot hold. */
export async function canonicalOf(data: string, name: SetName): Promise<Completion[]> {
  const { items } = await openBenchmark(findSuite(name), { data, model: '' })
  return (items as EvalplusItem[]).map(({ id, prompt, solution }) => {
    return { id, kind: 'as it is', program: prompt + solution }
  })
}

/** Calls a function with a temporary file that holds the set. */
export async function withSetFile<T>(
  data: string,
  name: SetName,
  run: (path: string) => Promise<T>,
): Promise<T> {
  const place = mkdtempSync(join(tmpdir(), 'azr-bench-eval-'))
  try {
    const path = join(place, 'set.jsonl')
    writeFileSync(
      path,
      linesOf(data, name)
        .map(line => `${line}\n`)
        .join(''),
    )
    return await run(path)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

export function mutate(path: string, each: number, seed: number): Completion[] {
  const script = join(folder, 'mutate.py')
  const text = execFileSync(python, ['-S', script, path, String(each), String(seed)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Completion)
}

/** The output of a Python script for lines on its standard input. */
async function pipe(
  command: string,
  args: string[],
  input: string,
  memoryGb: number,
): Promise<string[]> {
  const env = { ...process.env, EVALPLUS_MAX_MEMORY_BYTES: String(memoryGb * 2 ** 30) }
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const parts: Buffer[] = []
  child.stdout.on('data', part => parts.push(part))
  child.stdin.end(input)
  const code = await new Promise((done, failed) => {
    child.on('close', done)
    child.on('error', failed)
  })
  if (code !== 0) throw new Error(`Cannot grade with evalplus: its process ended with code ${code}`)
  return Buffer.concat(parts).toString('utf8').trim().split('\n')
}

export async function theirs(
  evalplus: string,
  name: SetName,
  path: string,
  completions: readonly Completion[],
  workers: number,
  { callSeconds, memoryGb } = own,
): Promise<Graded & { references: Spent }> {
  const input = completions
    .map(({ id, program }) => `${JSON.stringify({ id, program })}\n`)
    .join('')
  const script = join(folder, 'evalplus_side.py')
  const args = [script, name, path, String(workers), String(callSeconds)]
  const found = await pipe(evalplus, args, input, memoryGb)
  const { seconds, cpuSeconds, ...made } = JSON.parse(found.pop() ?? '{}')
  const references = { seconds: made.referenceSeconds, cpuSeconds: made.referenceCpuSeconds }
  const verdicts = found.map((line): Verdict => {
    const { base, plus } = JSON.parse(line)
    const isRight = base === 'pass' && plus === 'pass'
    return { isRight, said: plus === undefined ? `base ${base}` : `plus ${plus}`, detail: null }
  })
  return { verdicts, seconds, cpuSeconds, references }
}

/** The time of the tests' calls alone, which is the minimum for any grader. */
export async function floorOf(
  evalplus: string,
  name: SetName,
  path: string,
  workers: number,
): Promise<Spent> {
  const args = [join(folder, 'floor.py'), name, path, String(workers)]
  const [line = '{}'] = await pipe(evalplus, args, '', own.memoryGb)
  return JSON.parse(line) as Spent
}

/**
 * Runs our grader from the start of the sandbox to its end, and measures CPU time of this process
 * and all its children. `folder` caches results of references.
 */
export async function ours(
  data: string,
  name: SetName,
  completions: readonly Completion[],
  workers: number,
  folder?: string,
): Promise<Graded> {
  const begun = performance.now()
  const cpuBefore = ownCpuMs()
  const { benchmark, items } = await openBenchmark(findSuite(name), { data, model: '' })
  const byId = new Map(items.map(item => [item.id, item]))
  const answers = completions.map(({ id, program }) => {
    const item = byId.get(id)
    if (!item) throw new Error(`Cannot grade ${id} as ${name} has no such item`)
    return { item, completion: `\`\`\`python\n${program}\n\`\`\`` }
  })
  const graders = createGraders(openSandboxes(workers), folder)
  try {
    const grades = await gradeAll(graders, benchmark, answers, { count: 2 * workers + 2 })
    const verdicts = grades.map(({ verdict, detail }): Verdict => {
      return { isRight: verdict === 'correct', said: verdict, detail }
    })
    const cpuMs = cpuMsOf(graders.pids()) + ownCpuMs() - cpuBefore
    return { verdicts, seconds: (performance.now() - begun) / 1000, cpuSeconds: cpuMs / 1000 }
  } finally {
    await graders.stop()
  }
}
