/** `azr exec`: the sandbox as a filter of JSON lines, whose results keep the order of the input. */
import { z } from 'zod'
import { SandboxGone, UsageError } from '../../domain/errors.ts'
import { type Limits, mostRuns, type Sandbox } from '../../domain/execution.ts'
import { builtInKinds, builtInNames } from '../../domain/kinds/index.ts'
import { judge, toolsOf } from '../../domain/kinds/judge.ts'
import { createInOrder } from '../../lib/in-order.ts'
import { readLines } from '../../lib/lines.ts'
import { jsonText } from '../../lib/terminal.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { isProfile, openProfile, type ProfileName, profileNames } from '../../sandbox/profiles.ts'
import { profileFolder, python } from '../config/paths.ts'
import { type Args, type CommandSpec, numberOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'exec',
  summary: 'Runs programs in the sandbox: JSON lines in, JSON lines out, in input order.',
  positions: [],
  flags: {
    'timeout-ms': { value: 'N', about: 'CPU time of one execution (1000)' },
    'memory-mb': { value: 'N', about: 'memory of one execution (512)' },
    'max-output-bytes': { value: 'N', about: 'longest text of a value (65536)' },
    workers: { value: 'N', about: 'pairs of processes that run programs (2)' },
    runs: {
      value: 'N',
      about: 'runs of each program, under different hash seeds; all must agree (2)',
    },
    profile: {
      value: 'NAME',
      about: `${profileNames.join(', ')}: the packages that may be imported (standard)`,
    },
    check: { about: 'judge answers instead: see below' },
  },
  detail: [
    'In:  {"id", "program", "input"}, the input as written between the parentheses of f(…)',
    'Out: {"id", "outcome", "output", "error", "cpuMs"}',
    'With --check:',
    'In:  {"id", "kind", "program", "input", "output", "answer"}; induction: "inputs", "outputs"',
    'Out: {"id", "verdict": "correct"|"wrong"|"malformed"|"ungraded", "detail"}',
    'Exit code 1 if a line is not such an object (it is answered with its number, and the ' +
      'rest is done)',
    'or the sandbox itself failed on one (ungraded). Failures of programs do not count.',
  ].join('\n'),
}

// Room for a program and an input of 65,536 characters each, fully escaped, which takes twelve
// characters for an emoji.
const maxLine = 2 << 20
const maxFlying = 256
const maxWaiting = 1024

type Raw = { rawJSON: (text: string) => object; isRawJSON: (value: unknown) => boolean }
const json = JSON as unknown as Raw

/** Ids are echoed exactly: above 2 ** 53 JavaScript numbers lose digits. */
const keepId = (key: string, value: unknown, { source }: { source: string }) =>
  key === 'id' && typeof value === 'number' && !Number.isSafeInteger(value)
    ? json.rawJSON(source)
    : value

const id = z.union([z.string(), z.number(), z.custom<object>(value => json.isRawJSON(value))])
const jobSchema = z.object({ id, program: z.string(), input: z.string() })
const checkSchema = z.object({
  id,
  kind: z.enum(builtInNames),
  program: z.string().default(''),
  input: z.string().optional(),
  output: z.string().optional(),
  inputs: z.array(z.string()).optional(),
  outputs: z.array(z.string()).optional(),
  answer: z.string(),
})

type Answer = { body: object; isBad: boolean }
const good = (body: object): Answer => ({ body, isBad: false })
const bad = (line: number, error: string): Answer => {
  return { body: { line, outcome: 'rejected', error }, isBad: true }
}

/** The sandbox failed on this line. The others are still answered. */
function unread(line: number, error: unknown): Answer {
  if (!(error instanceof SandboxGone)) throw error
  return { body: { line, outcome: 'ungraded', error: error.message }, isBad: true }
}

async function executeLine(sandbox: Sandbox, limits: Limits, value: unknown, line: number) {
  const job = jobSchema.safeParse(value)
  if (!job.success) return bad(line, 'not an object with id, program and input')
  const { program, input } = job.data
  const [found] = await sandbox.execute({ program, inputs: [input], limits })
  const { outcome = 'ungraded', output = null, error = null, cpuMs = 0 } = found ?? {}
  const body = { id: job.data.id, outcome, output, error, cpuMs }
  return { body, isBad: outcome === 'ungraded' }
}

async function checkLine(sandbox: Sandbox, limits: Limits, value: unknown, line: number) {
  const asked = checkSchema.safeParse(value)
  if (!asked.success)
    return bad(line, 'not an object with id, kind, program, input, output, answer')
  const { kind: name, program, answer, ...pairs } = asked.data
  const kind = builtInKinds.of(name)
  const inputs = pairs.inputs ?? (pairs.input === undefined ? [] : [pairs.input])
  const outputs = pairs.outputs ?? (pairs.output === undefined ? [] : [pairs.output])
  const needed = kind.shownShare < 1 ? inputs.length : 1
  if (needed === 0 || outputs.length !== needed) return bad(line, `${name} needs its outputs`)
  const expected: string[] = []
  for (const output of outputs) {
    const literal = await sandbox.readLiteral(output)
    if (!literal.ok) return bad(line, `output is not a literal: ${literal.error}`)
    expected.push(literal.canonical)
  }
  const found = await judge(kind, { program, inputs, expected, answer }, toolsOf(sandbox, limits))
  if (found.type === 'malformed') {
    return good({ id: asked.data.id, verdict: 'malformed', detail: found.reason })
  }
  const { right, count, isUngraded, reason } = found
  const verdict = isUngraded ? 'ungraded' : right === count ? 'correct' : 'wrong'
  return { body: { id: asked.data.id, verdict, detail: reason }, isBad: isUngraded }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text, keepId as Parameters<typeof JSON.parse>[1])
  } catch {
    return undefined
  }
}

/** A numeric flag, limited to what the sandbox supports. */
function bounded(args: Args, name: string, usual: number, most: number): number {
  const value = numberOf(args, name, 1) ?? usual
  if (value <= most) return value
  throw new UsageError('flag-value', `Cannot use --${name} ${value}: it can be at most ${most}`)
}

function limitsOf(args: Args): Limits {
  return {
    timeoutMs: bounded(args, 'timeout-ms', 1000, 3_600_000),
    memoryMb: bounded(args, 'memory-mb', 512, 1 << 20),
    maxOutputBytes: bounded(args, 'max-output-bytes', 65536, 8 << 20),
    runs: bounded(args, 'runs', 2, mostRuns),
  }
}

function profileOf({ flags }: Args): ProfileName {
  const name = flags.get('profile') ?? 'standard'
  if (isProfile(name)) return name
  throw new UsageError(
    'flag-value',
    `Cannot read --profile: it is one of ${profileNames.join(', ')}, got ${name}`,
  )
}

/** Works on many lines at once, but a limited number, which bounds memory. */
async function answerAll(sandbox: Sandbox, limits: Limits, act: typeof executeLine) {
  const order = createInOrder(process.stdout, maxWaiting)
  const flying = new Set<Promise<void>>()
  let isAnyBad = false
  for await (const { number, text } of readLines(process.stdin, maxLine)) {
    const answer =
      text === null
        ? Promise.resolve(bad(number, `longer than ${maxLine} characters`))
        : act(sandbox, limits, parseLine(text), number).catch(error => unread(number, error))
    const done: Promise<void> = answer.then(({ body, isBad }) => {
      isAnyBad ||= isBad
      flying.delete(done)
      order.put(number, jsonText(body))
    })
    flying.add(done)
    if (flying.size >= maxFlying) await Promise.race(flying)
    await order.hasRoom()
  }
  await Promise.all(flying)
  return isAnyBad ? 1 : 0
}

export async function run(args: Args): Promise<number> {
  const limits = limitsOf(args)
  const workers = bounded(args, 'workers', 2, 256)
  const name = profileOf(args)
  const interrupt = new Promise<number>(resolve => {
    process.once('SIGINT', () => resolve(130))
    process.once('SIGTERM', () => resolve(143))
    // The reader of our output is gone.
    process.stdout.once('error', () => resolve(1))
  })
  const profile = await openProfile(name, { python, home: profileFolder })
  const sandbox = await startSandbox({ python, workers, profile, mayHold: false })
  const work = (): Promise<number> =>
    answerAll(sandbox, limits, args.flags.has('check') ? checkLine : executeLine)
  try {
    return await Promise.race([interrupt, work()])
  } finally {
    await sandbox.stop()
    process.stdin.destroy()
  }
}
