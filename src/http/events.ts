/**
 * The trace of messages as server-sent events. There are no queues: each reader has a position in
 * the store and reads on from it when it can, so a slow reader costs no memory. The server drops
 * one that takes nothing. Its browser returns with Last-Event-ID.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import { camel } from '../../lib/camel.ts'
import type { AsyncPages, Library } from '../../state/pages.ts'
import { crowded, Problem, problems } from './problem.ts'
import { about, idParam, newRoutes } from './route.ts'

const pollMs = 300
const keepAliveMs = 15_000
const batch = 200
const mostReaders = 200

const events = createRoute({
  method: 'get',
  ...about('streamEvents', 'Health', 'Stream the messages of the actors'),
  path: '/api/runs/{id}/events',
  request: {
    params: idParam,
    query: z.strictObject({
      types: z.string().max(500).default('').describe('Comma-separated (default: all)'),
    }),
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^\d{1,15}$/)
        .optional()
        .describe('Continue after this message (default: only new ones)'),
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
/** The messages after a position, as they are sent, and the position of the last. */
type News = { seq: number; isMore: boolean; text: string }

const asText = (row: Rows[number]) =>
  `id: ${row.seq}\nevent: ${row.type}\ndata: ${JSON.stringify(camel(row))}\n\n`

/** Messages up to `edge`. Later ones are for the next poll. */
function newsOf(seq: number, edge: number, rows: Rows): News {
  const mine = rows.filter(row => row.seq <= edge)
  const isMore = mine.length === batch
  const text = mine.map(asText).join('')
  return { seq: isMore ? (mine.at(-1)?.seq ?? seq) : Math.max(seq, edge), isMore, text }
}

const tickOf = (nowMs: number) => Math.floor(nowMs / pollMs)

/**
 * All readers poll at the same moments and up to the same message. From their second poll on they
 * share a position, so its messages are read and formatted once for all of them.
 */
export function createTail(library: Pick<Library, 'of'>) {
  const known = new Map<string, Promise<unknown>>()
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const found = known.get(key) as Promise<T> | undefined
    if (found) return found
    const asked = ask()
    known.set(key, asked)
    const forget = () => known.delete(key)
    asked.then(() => setTimeout(forget, pollMs).unref?.(), forget)
    return asked
  }
  return async (id: string, seq: number, types: string[]): Promise<News> => {
    const moment = `${tickOf(Date.now())} ${id}`
    const edge = await once(moment, () => library.of(id).lastMessage())
    return once(`${moment} ${seq} ${types}`, async () =>
      newsOf(seq, edge, await library.of(id).messages(seq, batch, types)),
    )
  }
}

export function eventRoutes(library: Library) {
  const tail = createTail(library)
  let readers = 0
  return newRoutes().openapi(events, async context => {
    const { id } = context.req.valid('param')
    const types = context.req.valid('query').types.split(',').filter(Boolean)
    await library.run(id)
    if (readers >= mostReaders)
      throw new Problem(
        503,
        'api-busy',
        `Cannot stream to another reader as ${readers} are connected: close a page`,
      )
    const given = context.req.valid('header')['last-event-id']
    let seq = given === undefined ? await library.of(id).lastMessage() : Number(given)
    readers += 1
    // Tells nginx not to buffer.
    context.header('x-accel-buffering', 'no')
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
          await stream.sleep(pollMs - (Date.now() % pollMs))
          quietMs += pollMs
        }
      } finally {
        readers -= 1
      }
    }) as never
  })
}
