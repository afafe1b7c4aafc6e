/** The stream of events over a real socket: order, resuming, and readers that do not read. */
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTail } from '../../src/http/events.ts'
import { type HttpServer, startServer } from '../../src/http/serve.ts'
import { type OpenRun, openRun } from '../../state/open.ts'
import { temporary } from '../temporary.ts'

const home = temporary('events')
let server: HttpServer
let run: OpenRun

/** Messages of 10 kB each, as a chatty actor would send them. */
const messages = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    table: 'messages' as const,
    row: {
      at_ms: i,
      sender: 'run',
      receiver: 'solver',
      type: 'noise.made',
      item_id: null,
      body: { text: 'x'.repeat(10_000) },
    },
  }))

beforeAll(async () => {
  run = await openRun(home, 'made', {
    name: 'made',
    preset: 'smoke',
    seed: 1,
    versions: {},
    created_at_ms: 1,
    config: { steps: 1 },
  })
  server = await startServer({ home, port: undefined })
})
afterAll(async () => {
  await server.close()
  await run.release()
})

/** Reads ids of events until there are enough. */
async function idsOf(headers: Record<string, string>, count: number): Promise<number[]> {
  const controller = new AbortController()
  const url = `${server.url}api/runs/made/events`
  const answer = await fetch(url, { headers, signal: controller.signal })
  const ids: number[] = []
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks)
      ids.push(...[...block.matchAll(/^id: (\d+)$/gm)].map(m => Number(m[1])))
    if (ids.length >= count) break
  }
  controller.abort()
  return ids.slice(0, count)
}

test('a reader continues where it was, and misses nothing', async () => {
  await run.store.write(messages(500))
  const all = Array.from({ length: 500 }, (_, i) => i + 1)
  expect(await idsOf({ 'last-event-id': '0' }, 500)).toEqual(all)
  expect(await idsOf({ 'last-event-id': '480' }, 20)).toEqual(all.slice(480))
  const later = idsOf({}, 3)
  await sleep(500)
  await run.store.write(messages(3))
  expect(await later).toEqual([501, 502, 503])
})

test('readers that never read cost no memory, and delay nobody', async () => {
  await run.store.write(messages(3000))
  const { port } = new URL(server.url)
  const sockets = Array.from({ length: 20 }, () => {
    const socket = createConnection(Number(port), '127.0.0.1')
    const lines = ['GET /api/runs/made/events HTTP/1.1', `Host: 127.0.0.1:${port}`]
    socket.write(`${[...lines, 'Last-Event-ID: 0'].join('\r\n')}\r\n\r\n`)
    // Never read from this socket again.
    socket.pause()
    return socket
  })
  await sleep(300)
  const before = process.memoryUsage().rss
  await sleep(2500)
  // 20 readers with 35 MB of events each wait in the store. Only one batch per reader is in flight.
  expect(process.memoryUsage().rss - before).toBeLessThan(250e6)
  expect(await idsOf({ 'last-event-id': '3400' }, 50)).toHaveLength(50)
  for (const socket of sockets) socket.destroy()
})

test('an address that is too long for its schema is refused with the reason', async () => {
  const answer = await fetch(`${server.url}api/runs/made/metrics?names=${'x'.repeat(40_000)}`)
  expect(answer.status).toBe(400)
  expect((await answer.json()).detail).toMatch(/^names: /)
})

test('readers that came at different moments share one query', async () => {
  vi.useFakeTimers()
  try {
    const rows: { seq: number; type: string }[] = []
    const grow = (count: number) => {
      for (let i = 0; i < count; i++) rows.push({ seq: rows.length + 1, type: 'noise.made' })
    }
    let asked = 0
    const pages = {
      lastMessage: async () => rows.length,
      messages: async (seq: number, batch: number) => {
        asked += 1
        // Events that arrive during a poll reach everyone.
        grow(1)
        return rows.slice(seq, seq + batch)
      },
    }
    const tail = createTail({ of: () => pages } as never)
    const look = (places: number[]) => Promise.all(places.map(seq => tail('made', seq, [])))
    grow(10)
    const first = await look([0, 3, 7])
    expect(first.map(({ seq }) => seq)).toEqual([10, 10, 10])
    expect(asked).toBe(3)
    vi.advanceTimersByTime(300)
    const second = await look(first.map(({ seq }) => seq))
    expect(asked).toBe(4)
    expect(new Set(second.map(({ text }) => text)).size).toBe(1)
    expect(second[0]?.text.match(/^id: \d+$/gm)).toEqual(['id: 11', 'id: 12', 'id: 13'])
  } finally {
    vi.useRealTimers()
  }
})
