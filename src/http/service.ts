/** Routes for monitoring: health, and metrics for Prometheus. */
import { createRoute, z } from '@hono/zod-openapi'
import { type RunState, statusOf } from '../../state/open.ts'
import type { AsyncPages, Library } from '../../state/pages.ts'
import { version } from '../config/paths.ts'
import { familiesOf, type RunFigures } from './families.ts'
import { lookAtLive } from './health.ts'
import { problems } from './problem.ts'
import { render } from './prometheus.ts'
import { about, newRoutes } from './route.ts'

/**
 * A home folder may have hundreds of runs. A monitor gets those that are going on, and the newest.
 */
const mostRuns = 20

async function figuresOf(library: Library, state: RunState): Promise<RunFigures> {
  const pages = library.of(state.name)
  const totals = await pages.totals()
  const [figures, sandbox, engine, evaluations, live] = await Promise.all([
    pages.figures(totals.last_step),
    pages.sandbox(totals.last_step),
    pages.engine(totals.last_step),
    pages.evaluations(),
    state.alive ? liveOf(pages, state, totals.last_step) : null,
  ])
  const { steps = 0 } = state.run.config as { steps?: number }
  const common = { run: state.name, status: statusOf(state), preset: state.run.preset, steps }
  return { ...common, totals, figures, counted: { sandbox, engine }, evaluations, live }
}

/** The figures that a monitor alerts on. */
async function liveOf(pages: AsyncPages, state: RunState, step: number) {
  const [{ hangs, pulse }, alarms] = await Promise.all([
    lookAtLive(pages, state),
    pages.alarms(step),
  ])
  return { hangs: hangs.length, queues: pulse?.queues ?? null, alarms }
}

/** A damaged run does not hide the others: it is only reported as damaged. */
async function prometheus(library: Library): Promise<string> {
  const [names, states] = await Promise.all([library.names(), library.runs()])
  const newest = states.sort(
    (a, b) => Number(b.alive) - Number(a.alive) || b.run.created_at_ms - a.run.created_at_ms,
  )
  const unreadable = names.filter(name => !states.some(state => state.name === name))
  const read = await Promise.all(
    newest.slice(0, mostRuns).map(state =>
      figuresOf(library, state).catch(() => {
        unreadable.push(state.name)
        return []
      }),
    ),
  )
  return render(familiesOf(version, read.flat(), unreadable))
}

const text = <Path extends string>(path: Path, operationId: string, description: string) =>
  createRoute({
    method: 'get',
    ...about(operationId, 'Monitoring', description),
    // Probes have no token. Metrics require it like the API.
    ...(path === '/metrics' ? {} : { security: [] }),
    path,
    responses: {
      200: { description, content: { 'text/plain': { schema: z.string() } } },
      ...problems,
    },
  })

export const serviceRoutes = (library: Library) =>
  newRoutes()
    .openapi(text('/healthz', 'checkLiveness', 'Check that the server answers'), context =>
      context.text('ok\n', 200),
    )
    .openapi(text('/readyz', 'checkReadiness', 'Check that runs can be read'), async context => {
      await library.runs()
      return context.text('ok\n', 200)
    })
    .openapi(
      text('/metrics', 'getPrometheusMetrics', 'Get figures for Prometheus'),
      async context => context.text(await prometheus(library), 200),
    )
