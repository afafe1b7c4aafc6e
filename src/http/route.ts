/** Common parts of the routes. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { mostSteps } from '../../domain/key.ts'
import { runNamePattern } from '../../domain/run-at.ts'
import type { Library } from '../../state/pages.ts'
import { Problem, problems } from './problem.ts'

export const tags = {
  Runs: 'Runs: list, begin and control them',
  Learning: 'What a run learned: steps, curves, held-out scores',
  Tasks: 'Tasks that were invented, and completions',
  Health: 'The health of a run, and its current activity',
  Catalogue: 'The presets, knobs and actors of azr',
  Monitoring: 'For monitoring',
}

/** A route's entry in the document: its id, group and summary. Beyond loopback it needs a token. */
export const about = (operationId: string, tag: keyof typeof tags, summary: string) => ({
  operationId,
  tags: [tag],
  summary,
  security: [{ token: [] }, {}] as { [scheme: string]: string[] }[],
})

export const newRoutes = () =>
  new OpenAPIHono({
    defaultHook(result) {
      if (result.success) return
      const [issue] = result.error.issues
      const where = issue?.path.join('.') || result.target
      // The body was JSON but does not fit this route (RFC 9110).
      const status = result.target === 'json' ? 422 : 400
      throw new Problem(status, 'api-request', `${where}: ${issue?.message}`)
    },
  })

export const runId = z
  .string()
  .regex(runNamePattern)
  .max(128)
  .openapi({ param: { name: 'id', in: 'path' }, example: 'micro-20261124-211143' })
export const idParam = z.object({ id: runId })

/** The kinds differ from run to run. */
export const kindName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/)
  .max(64)
  .openapi({ example: 'deduction' })

/** Refuses a kind that the run does not know. */
export async function checkKind(library: Library, id: string, kind?: string): Promise<void> {
  if (kind === undefined) return
  const known = (await library.run(id)).run.kinds.map(({ name }) => name)
  if (!known.includes(kind)) {
    throw new Problem(
      400,
      'api-request',
      `kind: this run has no kind ${kind}: choose one of ${known.join(', ')}`,
    )
  }
}

/** A whole number in a query. An empty text is refused, though JavaScript would make it 0. */
export const wholeNumber = (least: number, most: number) =>
  z.preprocess(
    text => (typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : text),
    z.int().min(least).max(most),
  )

export const step = wholeNumber(0, mostSteps)
/** For the page's scrubber: the state when that step was done. */
export const until = step.optional().describe('Up to this step (default: all)')
export const limit = wholeNumber(1, 500).default(100)
export const cursor = z.string().min(1).max(300).optional().describe('`next` of the previous page')
/** Ids of tasks and rollouts consist of names, numbers and hashes. */
export const key = z.string().min(1).max(300)

export const ok = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...problems,
})

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Cursor of the next page'),
  })

export const list = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) })
