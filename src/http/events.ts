/**
 * The trace of messages as server-sent events. Nothing is queued for a reader: each has its place in
 * the store and reads on from there when it can take more, so that a slow one costs no memory. The
 * server lets go of one that takes nothing; its browser comes back with Last-Event-ID.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { AsyncPages, Library } from '../../state/pages.ts'
import { crowded, Problem, problems } from './problem.ts'
import { idParam, newRoutes } from './route.ts'

const pollMs = 300
const keepAliveMs = 15_000
const batch = 200
const mostReaders = 200

const events = createRoute({
  method: 'get',
  path: '/api/runs/{id}/events',
  request: {
    params: idParam,
    query: z.object({
      types: z.string().max(500).default('').describe('Comma-separated; none: all'),
    }),
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^\d{1,15}$/)
        .optional()
        .describe('Go on after this one; none: from now on'),
    }),
  },
  responses: {
    200: {
      description: 'Server-sent events over messages.seq',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
    ...crowded,
  },
})

type Rows = Awaited<ReturnType<AsyncPages['messages']>>
/** What came after a place, as it is sent, and up to where that is. */
type News = { seq: number; isMore: boolean; text: string }

const asText = (row: Rows[number]) =>
  `id: ${row.seq}\nevent: ${row.type}\ndata: ${JSON.stringify(row)}\n\n`

function newsOf(seq: number, rows: Rows): News {
  const text = rows.map(asText).join('')
  return { seq: rows.at(-1)?.seq ?? seq, isMore: rows.length === batch, text }
}

/** Readers that stand at the same place ask, and have it written, once for all of them. */
function createTail(library: Library) {
  const asked = new Map<string, Promise<News>>()
  return (id: string, seq: number, types: string[]): Promise<News> => {
    const key = `${id} ${seq} ${types}`
    const known = asked.get(key)
    if (known) return known
    const rows = library.of(id).messages(seq, batch, types)
    const news = rows.then(rows => newsOf(seq, rows))
    asked.set(key, news)
    const forget = () => asked.delete(key)
    news.then(() => setTimeout(forget, pollMs / 2).unref?.(), forget)
    return news
  }
}

export function eventRoutes(library: Library) {
  const tail = createTail(library)
  let readers = 0
  return newRoutes().openapi(events, async context => {
    const { id } = context.req.valid('param')
    const types = context.req.valid('query').types.split(',').filter(Boolean)
    await library.run(id)
    if (readers >= mostReaders) throw new Problem(503, `${readers} readers listen already`)
    const given = context.req.valid('header')['last-event-id']
    let seq = given === undefined ? await library.of(id).lastMessage() : Number(given)
    readers += 1
    return streamSSE(context, async stream => {
      try {
        await stream.write('retry: 1000\n\n')
        for (let quietMs = 0; !stream.aborted; ) {
          const news = await tail(id, seq, types)
          seq = news.seq
          if (news.text) {
            await stream.write(news.text)
            quietMs = 0
          } else if (quietMs >= keepAliveMs) {
            await stream.write(': still here\n\n')
            quietMs = 0
          }
          if (news.isMore) continue
          await stream.sleep(pollMs)
          quietMs += pollMs
        }
      } finally {
        readers -= 1
      }
    }) as never
  })
}
