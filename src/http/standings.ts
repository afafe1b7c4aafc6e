/** Routes for the standing of each run: its scores, its size, its parent. */
import { join } from 'node:path'
import { createRoute, z } from '@hono/zod-openapi'
import type { RunState } from '../../state/open.ts'
import type { Library } from '../../state/pages.ts'
import { sizeOf } from '../../state/sizes.ts'
import { about, list, newRoutes, ok } from './route.ts'
import { point } from './schemas.ts'

const standing = z
  .object({
    id: z.string(),
    bytes: z.number().describe('On disk'),
    scores: z
      .array(z.object({ suite: z.string(), mode: z.string(), points: z.array(point) }))
      .describe('Mean accuracy over the kinds of each suite, by step'),
    reward: z.array(point).describe('Mean reward of the solver'),
  })
  .openapi('Standing')

const route = createRoute({
  method: 'get',
  ...about('listStandings', 'Runs', 'List the scores and the size of each run'),
  path: '/api/standings',
  responses: ok(list(standing), 'Runs, by name, without damaged ones'),
})

type Standing = z.infer<typeof standing>

/** More points would not show in a table's small curve. */
const mostPoints = 60
const thinned = (points: [number, number][]) => {
  const stride = Math.ceil(points.length / mostPoints)
  return points.filter((_, i) => (points.length - 1 - i) % stride === 0)
}

export function standingRoutes(library: Library, home: string) {
  /** Cached by the run's state: a run that does not change is read once. */
  const known = new Map<string, { state: string; standing: Standing }>()

  async function standingOf({ name: id, step, event, run }: RunState): Promise<Standing> {
    const state = `${step} ${event} ${run.created_at_ms}`
    const found = known.get(id)
    if (found?.state === state) return found.standing
    const pages = library.of(id)
    const curves = await pages.metrics(['reward.solver.all'])
    const standing = {
      id,
      bytes: sizeOf(join(home, id)),
      scores: await pages.scores(),
      reward: thinned(curves['reward.solver.all'] ?? []),
    }
    known.set(id, { state, standing })
    return standing
  }

  return newRoutes().openapi(route, async context => {
    const states = await library.runs()
    const found = await Promise.all(states.map(state => standingOf(state).catch(() => null)))
    return context.json({ items: found.filter(one => one !== null) }, 200)
  })
}
