/** The status API and the page, as one app without a socket. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { openLibrary } from '../../state/pages.ts'
import { explain, UsageError } from '../errors.ts'
import { root } from '../paths.ts'
import { addDetails } from './details.ts'
import { addEvents } from './events.ts'
import { guard } from './guard.ts'
import { addLearning } from './learning.ts'
import { addLists } from './lists.ts'
import { problem } from './problem.ts'
import { addCommands, addRuns } from './runs.ts'
import { addService } from './service.ts'

const files: Record<string, [string, string]> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/docs': ['docs.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/charts.js': ['charts.js', 'text/javascript; charset=utf-8'],
  '/learning.js': ['learning.js', 'text/javascript; charset=utf-8'],
  '/samples.js': ['samples.js', 'text/javascript; charset=utf-8'],
  '/docs.js': ['docs.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
}

function addPage(app: OpenAPIHono): void {
  for (const [path, [file, type]] of Object.entries(files)) {
    app.get(path, (context: Context) => {
      const text = readFileSync(join(root, 'web', file), 'utf8')
      return context.body(text, 200, { 'content-type': type, 'cache-control': 'no-cache' })
    })
  }
}

export type App = { app: OpenAPIHono; close: () => Promise<void> }

/** The app over all runs below `home`. */
export function createApp(home: string): App {
  const library = openLibrary(home)
  const app = new OpenAPIHono({
    defaultHook(result, context) {
      if (result.success) return
      const issue = result.error.issues[0]
      return problem(context, 400, `${issue?.path.join('.')}: ${issue?.message}`)
    },
  })
  app.use(guard)
  app.onError((error, context) => {
    const isMissing = error instanceof UsageError && /find run|name a run/.test(error.message)
    if (isMissing) return problem(context, 404, error.message)
    if (error instanceof UsageError) return problem(context, 409, error.message)
    return problem(context, 500, explain(error))
  })
  app.notFound(context => problem(context, 404, `There is nothing at ${context.req.path}`))
  addRuns(app, library)
  addLists(app, library)
  addDetails(app, library)
  addLearning(app, library)
  addEvents(app, library)
  addCommands(app, home)
  addService(app, library)
  addPage(app)
  return { app, close: library.close }
}
