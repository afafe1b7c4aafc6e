/** The trace of messages as server-sent events. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { Library } from '../../state/pages.ts'
import { problems } from './problem.ts'
import { idParam } from './route.ts'

const pollMs = 300
const keepAliveMs = 15_000

/** Messages as they are written, from `Last-Event-ID` or from now on. */
export function addEvents(app: OpenAPIHono, library: Library): void {
  const route = createRoute({
    method: 'get',
    path: '/api/runs/{id}/events',
    request: {
      params: idParam,
      query: z.object({ types: z.string().default('').describe('Comma-separated; none: all') }),
    },
    responses: {
      200: {
        description: 'Server-sent events over messages.seq',
        content: { 'text/event-stream': { schema: z.string() } },
      },
      ...problems,
    },
  })
  app.openapi(route, async context => {
    const { id } = context.req.valid('param')
    const types = context.req.valid('query').types.split(',').filter(Boolean)
    await library.run(id)
    const pages = library.of(id)
    const given = Number(context.req.header('last-event-id') ?? Number.NaN)
    let seq = Number.isInteger(given) ? given : await pages.lastMessage()
    return streamSSE(context, async stream => {
      let quietMs = 0
      while (!stream.aborted) {
        const rows = await pages.messages(seq, 200, types)
        for (const row of rows) {
          seq = row.seq
          await stream.writeSSE({ id: String(seq), event: row.type, data: JSON.stringify(row) })
        }
        if (rows.length > 0) quietMs = 0
        if (rows.length === 200) continue
        if (quietMs >= keepAliveMs) {
          await stream.write(': still here\n\n')
          quietMs = 0
        }
        await stream.sleep(pollMs)
        quietMs += pollMs
      }
    }) as never
  })
}
