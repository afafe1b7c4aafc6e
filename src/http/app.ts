/** Composes the API and the page into one app without a socket. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import type { Chart } from '../../actors/statecharts.ts'
import { codeOf, explain, UsageError } from '../../domain/errors.ts'
import type { Library } from '../../state/pages.ts'
import { openLibrary } from '../../state/pages.ts'
import { version } from '../config/paths.ts'
import { catalogueRoutes } from './catalogue.ts'
import { compareRoutes } from './compare.ts'
import { detailRoutes } from './details.ts'
import { evaluateRoutes } from './evaluate.ts'
import { eventRoutes } from './events.ts'
import { frontierRoutes } from './frontier.ts'
import { type Access, guard, headers } from './guard.ts'
import { healthRoutes } from './health.ts'
import { labelRoutes } from './labels.ts'
import { learningRoutes } from './learning.ts'
import { listRoutes } from './lists.ts'
import { type Launch, orderRoutes } from './orders.ts'
import { overviewRoutes } from './overview.ts'
import { pageFiles } from './page-files.ts'
import { planRoutes } from './plan.ts'
import { Problem, problem } from './problem.ts'
import { noNames, within } from './public.ts'
import { tags } from './route.ts'
import { runRoutes } from './runs.ts'
import { serviceRoutes } from './service.ts'
import { standingRoutes } from './standings.ts'

const mostBodyBytes = 64 * 1024

/** Refuses bodies that are not JSON: any web page can send a form without the browser asking. */
const checkMediaType: MiddlewareHandler = async (context, next) => {
  const { 'content-type': type = '', ...given } = context.req.header()
  const length = given['content-length']
  // `curl -X POST` sends neither a body nor its length.
  const isSilent = !type && length === undefined && given['transfer-encoding'] === undefined
  const hasBody = length !== '0' && !isSilent
  if (
    ['POST', 'PATCH'].includes(context.req.method) &&
    hasBody &&
    !/^application\/json\b/i.test(type)
  ) {
    throw new Problem(
      415,
      'api-body',
      `The body has to be application/json, not ${type || 'without a type'}`,
    )
  }
  await next()
}

/** Digests and compression buffer a whole answer, so the stream of events has neither. */
const exceptStreams =
  (handler: MiddlewareHandler): MiddlewareHandler =>
  (context, next) =>
    context.req.path.endsWith('/events') ? next() : handler(context, next)

export type AppOptions = {
  home: string
  access?: Access
  /** Provided by the composition root: how to start a run, and the actors' charts. */
  launch: Launch
  charts: Chart[]
}
export type App = { app: OpenAPIHono; close: () => Promise<void> }

const baseOf = (access: Access | undefined) => access?.names?.publicUrl?.base ?? ''

function createApi(library: Library, { home, access, launch, charts }: AppOptions) {
  const place = { home, launch, base: baseOf(access) }
  return new OpenAPIHono()
    .route('/', runRoutes(library))
    .route('/', standingRoutes(library, home))
    .route('/', compareRoutes(library))
    .route('/', labelRoutes(home))
    .route('/', orderRoutes(library, place))
    .route('/', evaluateRoutes(library, place))
    .route('/', planRoutes(library))
    .route('/', catalogueRoutes())
    .route('/', listRoutes(library))
    .route('/', detailRoutes(library, charts))
    .route('/', learningRoutes(library))
    .route('/', overviewRoutes(library))
    .route('/', frontierRoutes(library))
    .route('/', healthRoutes(library))
    .route('/', eventRoutes(library))
    .route('/', serviceRoutes(library))
}

/** The types that the page's typed client gets. */
export type Api = ReturnType<typeof createApi>

function answerError(error: Error, context: Parameters<typeof problem>[0]): Response {
  if (error instanceof Problem) return problem(context, error.status, error.code, error.message)
  if (error instanceof HTTPException) return problem(context, 400, 'api-request', error.message)
  const code = codeOf(error)
  // The list of runs leaves damaged and unfinished runs out, so they are not found here either.
  if (['run-unknown', 'run-name', 'run-damaged', 'evaluation-unknown'].includes(code)) {
    return problem(context, 404, code, error.message)
  }
  if (error instanceof UsageError) return problem(context, 409, code, error.message)
  return problem(context, 500, code, explain(error))
}

/** Answers 405 if a path exists under another method, and lists the methods. */
function answerOtherVerbs(app: OpenAPIHono): void {
  const verbs = Map.groupBy(
    app.routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*')),
    ({ path }) => path,
  )
  for (const [path, routes] of verbs) {
    const methods = [...new Set(routes.map(({ method }) => method))]
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    app.all(path, context => {
      context.header('allow', allow)
      if (context.req.method === 'OPTIONS') return context.body(null, 204)
      return problem(context, 405, 'api-unknown', `${path} takes ${allow}`)
    })
  }
}

export function createApp(options: AppOptions): App {
  const { home, access = { token: null } } = options
  const library = openLibrary(home)
  const { names = noNames } = access
  const base = baseOf(access)
  const getPath = (request: Request) => within(new URL(request.url).pathname, names)
  const app = new OpenAPIHono({ getPath })
  // The page's files have relative names.
  if (base !== '') app.get(base, context => context.redirect(`${base}/`))
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) context.header(name, value)
  })
  app.use(exceptStreams(compress()))
  app.use(exceptStreams(etag()))
  app.use(guard(access))
  app.use(checkMediaType)
  app.use(
    bodyLimit({
      maxSize: mostBodyBytes,
      onError: () => {
        throw new Problem(413, 'api-body', `The body may have at most ${mostBodyBytes} bytes`)
      },
    }),
  )
  app.onError(answerError)
  app.notFound(context =>
    problem(context, 404, 'api-unknown', `There is nothing at ${context.req.path}`),
  )
  app.route('/', createApi(library, { ...options, home }))
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'azr',
      version,
      description: 'Shows what runs of self-play are doing, and begins and controls them.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: `${base}/`, description: 'The server that returned this document' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'Only if azr serves beyond loopback',
  })
  app.route('/', pageFiles())
  answerOtherVerbs(app)
  return { app, close: library.close }
}
