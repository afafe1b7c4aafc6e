/** The API and the page, as one app without a socket. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { Chart } from '../../actors/statecharts.ts'
import { explain, UsageError } from '../../domain/errors.ts'
import type { Library } from '../../state/pages.ts'
import { openLibrary } from '../../state/pages.ts'
import { version } from '../config/paths.ts'
import { detailRoutes } from './details.ts'
import { eventRoutes } from './events.ts'
import { frontierRoutes } from './frontier.ts'
import { type Access, guard, headers } from './guard.ts'
import { healthRoutes } from './health.ts'
import { learningRoutes } from './learning.ts'
import { listRoutes } from './lists.ts'
import { pageFiles } from './page-files.ts'
import { Problem, problem } from './problem.ts'
import { noNames, within } from './public.ts'
import { type Launch, runRoutes } from './runs.ts'
import { serviceRoutes } from './service.ts'

const mostBodyBytes = 64 * 1024

export type AppOptions = {
  home: string
  access?: Access
  /** What only a composition root can give: how a run is begun, what the actors are. */
  launch: Launch
  charts: Chart[]
}
export type App = { app: OpenAPIHono; close: () => Promise<void> }

function createApi(library: Library, { home, launch, charts }: AppOptions) {
  return new OpenAPIHono()
    .route('/', runRoutes(library, home, launch))
    .route('/', listRoutes(library))
    .route('/', detailRoutes(library, charts))
    .route('/', learningRoutes(library))
    .route('/', frontierRoutes(library))
    .route('/', healthRoutes(library))
    .route('/', eventRoutes(library))
    .route('/', serviceRoutes(library))
}

/** What the typed client of the page knows of the API. */
export type Api = ReturnType<typeof createApi>

function answerError(error: Error, context: Parameters<typeof problem>[0]): Response {
  if (error instanceof Problem) return problem(context, error.status, error.message)
  if (error instanceof HTTPException) return problem(context, 400, error.message)
  const isUnknown = error instanceof UsageError && /find run|name a run/.test(error.message)
  // As in the list of runs: what is being made, or is damaged, is none. Its class is lost on the way.
  if (isUnknown || error.name === 'RunDamaged') return problem(context, 404, error.message)
  if (error instanceof UsageError) return problem(context, 409, error.message)
  return problem(context, 500, explain(error))
}

/** Paths that are there under another verb are answered 405, and say which. */
function answerOtherVerbs(app: OpenAPIHono): void {
  const verbs = Map.groupBy(
    app.routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*')),
    ({ path }) => path,
  )
  for (const [path, routes] of verbs) {
    const methods = [...new Set(routes.map(({ method }) => method))]
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, context => {
      context.header('allow', allow)
      return problem(context, 405, `${path} takes ${allow}`)
    })
  }
}

export function createApp(options: AppOptions): App {
  const { home, access = { token: null } } = options
  const library = openLibrary(home)
  const { names = noNames } = access
  const base = names.publicUrl?.base ?? ''
  const getPath = (request: Request) => within(new URL(request.url).pathname, names)
  const app = new OpenAPIHono({ getPath })
  // Its files are named from where it stands.
  if (base !== '') app.get(base, context => context.redirect(`${base}/`))
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) context.header(name, value)
  })
  app.use(guard(access))
  app.use(
    bodyLimit({
      maxSize: mostBodyBytes,
      onError: () => {
        throw new Problem(413, `A body may have ${mostBodyBytes} bytes`)
      },
    }),
  )
  app.onError(answerError)
  app.notFound(context => problem(context, 404, `There is nothing at ${context.req.path}`))
  app.route('/', createApi(library, { ...options, home }))
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'azr', version, description: 'What runs of self-play are doing.' },
    servers: [{ url: `${base}/` }],
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'Only where azr serves beyond loopback',
  })
  app.route('/', pageFiles())
  answerOtherVerbs(app)
  return { app, close: library.close }
}
