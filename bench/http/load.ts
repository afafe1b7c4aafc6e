/** The load, in its own process: readers of the stream, and requests at a steady rate. */
const [url = '', run = '', readers = '50', rate = '200', seconds = '10'] = process.argv.slice(2)
const base = `${url}api/runs/${run}`
const lists = [
  'tasks?limit=40',
  'rollouts?limit=40',
  'tasks?kind=deduction&verdict=accepted&limit=40',
  'rollouts?verdict=correct&limit=40',
  'steps?limit=100&after=500',
  'metrics?names=accuracy.*&until=500',
]
const controller = new AbortController()
let events = 0

async function listen(): Promise<void> {
  const answer = await fetch(`${base}/events`, { signal: controller.signal })
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    events += chunk.split('\nid: ').length
  }
}

/**
 * The first second is reported separately, because all readers connect and nothing is compiled yet.
 */
const startMs = 1000
const took: number[] = []
const early: number[] = []
let failed = 0
async function ask(i: number): Promise<void> {
  const begun = performance.now()
  const answer = await fetch(`${base}/${lists[i % lists.length]}`).catch(() => null)
  await answer?.arrayBuffer()
  if (answer?.status !== 200) failed += 1
  const where = begun - begunMs < startMs ? early : took
  where.push(performance.now() - begun)
}

const listening = Array.from({ length: Number(readers) }, () => listen().catch(() => {}))
const flying: Promise<void>[] = []
const total = Number(rate) * Number(seconds)
const begunMs = performance.now()
while (flying.length < total) {
  const due = Math.min(total, Math.floor(((performance.now() - begunMs) / 1000) * Number(rate)))
  while (flying.length < due) flying.push(ask(flying.length))
  await new Promise(resolve => setTimeout(resolve, 5))
}
await Promise.all(flying)
const reachedRate = total / ((performance.now() - begunMs) / 1000)
controller.abort()
await Promise.all(listening)
const at = (all: number[], share: number) =>
  all.toSorted((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0
const times = { p50: at(took, 0.5), p99: at(took, 0.99), early: at(early, 1) }
process.stdout.write(
  JSON.stringify({ requests: total, failed, rate: reachedRate, ...times, events }),
)
