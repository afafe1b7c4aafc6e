/** Health, metrics for Prometheus, and the OpenAPI document. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Library } from '../../state/pages.ts'
import { version } from '../paths.ts'

/** Prometheus text. Label values are names of runs, which hold nothing that needs escaping. */
async function prometheus(library: Library): Promise<string> {
  const lines = [
    '# HELP azr_build_info The version that answers.',
    '# TYPE azr_build_info gauge',
    `azr_build_info{version="${version}"} 1`,
    '# HELP azr_run_step Last finished step of a run.',
    '# TYPE azr_run_step gauge',
  ]
  const runs = await library.runs()
  for (const { name, step } of runs) lines.push(`azr_run_step{run="${name}"} ${step ?? -1}`)
  lines.push('# HELP azr_run_alive Whether a process works on a run.', '# TYPE azr_run_alive gauge')
  for (const { name, alive } of runs) lines.push(`azr_run_alive{run="${name}"} ${alive ? 1 : 0}`)
  return `${lines.join('\n')}\n`
}

export function addService(app: OpenAPIHono, library: Library): void {
  const plain = { 200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } } }
  const health = createRoute({ method: 'get', path: '/healthz', responses: plain })
  app.openapi(health, context => context.text('ok\n', 200))
  const ready = createRoute({ method: 'get', path: '/readyz', responses: plain })
  app.openapi(ready, async context => {
    await library.runs()
    return context.text('ok\n', 200)
  })
  const metrics = createRoute({ method: 'get', path: '/metrics', responses: plain })
  app.openapi(metrics, async context => context.text(await prometheus(library), 200))
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'azr', version, description: 'What runs of self-play are doing.' },
  })
}
