/**
 * The client of the front. Requests that arrive while it is busy are sent together, next. If it
 * dies, the unanswered ones are sent again one by one, to find the text that ends it.
 */
import { setImmediate } from 'node:timers'
import { type SandboxGone, TextUnread } from '../domain/errors.ts'
import type { Frame } from '../lib/frames.ts'
import { createKeeper } from './keeper.ts'
import type { Launch, SandboxProcess } from './process.ts'
import type { Tally } from './tally.ts'

export type Answer = { header: Record<string, unknown>; body: Buffer }
type Ask = {
  request: { op: string; text: string; inputs?: string[]; longest?: number }
  resolve: (answer: Answer) => void
  reject: (error: Error) => void
  tries: number
  /** Sent alone, because it or its neighbours ended the front. */
  isSuspect: boolean
  /** Whether the request's frame is complete when it is answered. */
  isLast: boolean
}

export type Front = {
  ask: (request: Ask['request']) => Promise<Answer>
  /** The number of texts that wait or are being read. */
  load: () => number
  pids: () => number[]
  stop: () => Promise<void>
}

const maxTogether = 64
// While it reads one frame the next is on its way, so that it never waits for us.
const enough = 2
const maxTries = 3
// The front ends itself by CPU time. This is for a suspended one.
const patienceMs = 30_000
const patienceEachMs = 2000
const tooLong = 'SyntaxError: takes too long to read'

/** Bytes of the body that belong to an answer: its code and the payloads of its inputs. */
function sizeOf(header: Record<string, unknown>): number {
  const inputs = (header.inputs ?? []) as [number][]
  return inputs.reduce((sum, [size]) => sum + size, Number(header.code ?? 0))
}

function answer(open: Ask[], { header, body }: Frame): void {
  let at = 0
  for (const answer of header.answers as Record<string, unknown>[]) {
    const size = sizeOf(answer)
    open.shift()?.resolve({ header: answer, body: body.subarray(at, at + size) })
    at += size
  }
}

const framesOf = (open: readonly Ask[]) => open.filter(({ isLast }) => isLast).length

/** Takes the next requests from the line: a suspect alone, others together. */
function takeNext(line: Ask[], open: readonly Ask[]): Ask[] {
  const isAlone = line[0]?.isSuspect || open[0]?.isSuspect
  if (framesOf(open) >= (isAlone ? 1 : enough)) return []
  const next = isAlone ? 1 : line.findIndex((ask, i) => ask.isSuspect || i >= maxTogether)
  const asks = line.splice(0, next < 0 ? line.length : next)
  for (const ask of asks) ask.isLast = ask === asks.at(-1)
  return asks
}

/**
 * Finds the cause: a text that used up its CPU time is refused, others are not at fault. Returns
 * the requests to send again.
 */
function blame(lost: Ask[], signal: string | null, error: SandboxGone, tally: Tally): Ask[] {
  if (signal === 'SIGPROF' && lost.length === 1) {
    lost[0]?.resolve({ header: { error: tooLong }, body: Buffer.alloc(0) })
    return []
  }
  return lost.filter(ask => {
    ask.isSuspect = true
    ask.tries += signal === 'SIGPROF' ? 0 : 1
    tally.retries += 1
    const isOver = ask.tries >= maxTries
    if (isOver) ask.reject(new TextUnread('text-unread', error.message))
    return !isOver
  })
}

async function startFront(launch: Launch, tally: Tally): Promise<Front> {
  const line: Ask[] = []
  let open: Ask[] = []
  let process: SandboxProcess | null = null
  let timer: NodeJS.Timeout | undefined
  let isDue = false

  const settle = () => {
    clearTimeout(timer)
    if (open.length > 0) timer = setTimeout(() => process?.kill(), patience())
    if (framesOf(open) < enough) wake()
  }
  const patience = () => patienceMs + patienceEachMs * open.length
  const send = () => {
    isDue = false
    const asks = process ? takeNext(line, open) : []
    if (!process || asks.length === 0) return
    open.push(...asks)
    process.send({ asks: asks.map(({ request }) => request) })
    settle()
  }
  const wake = () => {
    if (!isDue) setImmediate(send)
    isDue = true
  }
  const keeper = await createKeeper(launch, { name: 'front', hashSeed: 0 }, tally, {
    begin(started) {
      process = started
      started.onFrame(frame => {
        answer(open, frame)
        settle()
      })
      wake()
    },
    end({ signal, error }) {
      process = null
      clearTimeout(timer)
      const lost = open
      open = []
      line.unshift(...blame(lost, signal, error, tally))
    },
    giveUp(error) {
      for (const ask of line.splice(0)) ask.reject(error)
    },
  })
  return {
    ask: request =>
      new Promise((resolve, reject) => {
        const gone = keeper.gone()
        if (gone) return reject(gone)
        line.push({ request, resolve, reject, tries: 0, isSuspect: false, isLast: false })
        wake()
      }),
    load: () => line.length + open.length,
    pids: keeper.pids,
    stop: keeper.stop,
  }
}

/** Several fronts as one: each text goes to the one with the shortest line. */
export async function startFronts(count: number, launch: Launch, tally: Tally): Promise<Front> {
  const starting = Array.from({ length: count }, () => startFront(launch, tally))
  const started = await Promise.allSettled(starting)
  const fronts = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  const stop = async () => void (await Promise.all(fronts.map(front => front.stop())))
  const broken = started.find(one => one.status === 'rejected')
  if (broken) {
    await stop()
    throw broken.reason
  }
  const idlest = () => fronts.reduce((a, b) => (b.load() < a.load() ? b : a))
  return {
    ask: request => idlest().ask(request),
    load: () => fronts.reduce((sum, front) => sum + front.load(), 0),
    pids: () => fronts.flatMap(front => front.pids()),
    stop,
  }
}
