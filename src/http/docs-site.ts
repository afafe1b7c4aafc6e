/**
 * Serves the built documentation from a fixed list of files, so that no request can name a file. It
 * has no data of runs, so it needs neither a token nor the API's guard.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { Hono } from 'hono'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

/** VitePress puts its own script into each page. Nothing is loaded from elsewhere. */
const headers = {
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data:; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
}

export function docsSite(folder: string): Hono {
  const app = new Hono()
  const entries = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
    : []
  const files = entries
    .filter(entry => entry.isFile() && types[extname(entry.name)] !== undefined)
    .map(({ parentPath, name }) => join(parentPath, name))
  const known = new Map(files.map(file => [`/${relative(folder, file)}`, file]))
  const fileOf = (path: string) =>
    known.get(path) ?? known.get(`${path}.html`) ?? known.get(`${path}index.html`)
  app.get('*', context => {
    const file = fileOf(context.req.path)
    const shown = file ?? known.get('/404.html')
    if (shown === undefined) return context.text('The documentation is not built', 404)
    const type = types[extname(shown)] as string
    return context.body(readFileSync(shown), file ? 200 : 404, { ...headers, 'content-type': type })
  })
  return app
}
