/** Serves the built files of the page from a fixed list, so that no request can name a file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Hono } from 'hono'
import { root } from '../config/paths.ts'

const folder = join(root, 'web', 'dist')
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}
const unbuilt =
  '<!doctype html><title>azr</title><p>The page is not built: run <code>azr setup</code>.'

/** Pages have the address that a person types, other files their name. */
function addressOf(file: string): string {
  if (file === 'index.html') return '/'
  return `/${file.replace(/\.html$/, '')}`
}

export function pageFiles(): Hono {
  const app = new Hono()
  const files = existsSync(folder)
    ? readdirSync(folder).filter(name => types[extname(name)] !== undefined)
    : []
  if (!files.includes('index.html')) app.get('/', context => context.html(unbuilt))
  for (const file of files) {
    const type = types[extname(file)] as string
    const text = readFileSync(join(folder, file), 'utf8')
    // A name with a hash has the same content for ever.
    const cache = type.startsWith('text/html') ? 'no-cache' : 'max-age=31536000, immutable'
    app.get(addressOf(file), context =>
      context.body(text, 200, { 'content-type': type, 'cache-control': cache }),
    )
  }
  return app
}
