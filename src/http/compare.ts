/** Routes that compare runs: the differences in how they were begun and in their scores. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  compareEvaluated,
  comparisonOf,
  type Evaluated,
  evaluatedStep,
} from '../../domain/comparable.ts'
import { readRunAt, runAtForm, runAtPattern } from '../../domain/run-at.ts'
import type { Library } from '../../state/pages.ts'
import { differingKnobs } from '../config/differ.ts'
import { Problem } from './problem.ts'
import { about, kindName, newRoutes, ok, runId } from './route.ts'

const mostRuns = 20

const values = z
  .array(z.unknown())
  .describe('The value of each run, in the requested order; null if it has none')

const differencesSchema = z
  .object({
    runs: z.array(
      z.object({
        id: z.string(),
        preset: z.string(),
        seed: z.int(),
        lineage: z.unknown(),
        createdAtMs: z.number(),
      }),
    ),
    knobs: z
      .array(z.object({ path: z.string(), values, operational: z.boolean() }))
      .describe('Knobs that differ'),
    versions: z
      .array(z.object({ name: z.string(), values }))
      .describe('Versions that differ, and plug-ins by their hashes'),
  })
  .openapi('Differences')

const runs = createRoute({
  method: 'get',
  ...about('compareRuns', 'Runs', 'Compare how runs were begun'),
  path: '/api/compare',
  request: {
    query: z.strictObject({
      runs: z
        .string()
        .max(3000)
        .default('')
        .describe(`Ids, comma-separated, ${mostRuns} at most`)
        .openapi({ example: 'micro-1,micro-2' }),
    }),
  },
  responses: ok(differencesSchema, 'What differs in configs, versions and lineage'),
})

const place = z.string().regex(runAtPattern, runAtForm).max(140).openapi({ example: 'micro-1@20' })
const shown = z.object({
  id: z.string(),
  step: z.int(),
  asked: z
    .record(z.string(), z.string())
    .describe('The template of the questions, and the engine that answered'),
})

const evaluations = createRoute({
  method: 'get',
  ...about('compareEvaluations', 'Runs', 'Compare two evaluations, item by item'),
  path: '/api/compare/evaluations',
  request: {
    query: z.strictObject({
      before: place.optional().describe('RUN or RUN@STEP; without it nothing is compared'),
      after: place.optional(),
    }),
  },
  responses: ok(
    z
      .object({
        before: shown.nullable(),
        after: shown.nullable(),
        suites: z.array(
          z.object({
            suite: z.string(),
            kind: kindName,
            mode: z.string(),
            items: z.int(),
            before: z.number(),
            after: z.number(),
            difference: z.number(),
            interval: z.object({ low: z.number(), high: z.number() }).nullable(),
            p: z.number().nullable().describe('Exact McNemar test'),
            gained: z.array(z.int()).describe('Items that went from wrong to right'),
            lost: z.array(z.int()),
          }),
        ),
      })
      .openapi('Comparison'),
    'Compared item by item over the items that both judged, with 95 % intervals',
  ),
})

async function evaluatedAt(library: Library, given: string): Promise<Evaluated> {
  const place = readRunAt(given)
  const { run } = place
  const pages = library.of(run)
  const step = evaluatedStep(place, await pages.scoredSteps())
  return { ...((await pages.evaluated(step)) as Evaluated), run }
}

type Begun = Awaited<ReturnType<Library['run']>>['run']

/** Plug-ins count as versions: their hashes show whether two runs used the same ones. */
const versionsOf = ({ versions, plugins }: Begun): Record<string, string> => ({
  ...versions,
  ...Object.fromEntries(plugins.map(({ what, name, hash }) => [`${what} ${name}`, hash])),
})

function differingVersions(all: readonly Record<string, string>[]) {
  const names = [...new Set(all.flatMap(one => Object.keys(one)))].sort()
  return names.flatMap(name => {
    const values = all.map(one => one[name] ?? null)
    return new Set(values).size > 1 ? [{ name, values }] : []
  })
}

export const compareRoutes = (library: Library) =>
  newRoutes()
    .openapi(runs, async context => {
      const ids = [...new Set(context.req.valid('query').runs.split(',').filter(Boolean))]
      const wrong = ids.find(id => !runId.safeParse(id).success)
      if (wrong !== undefined)
        throw new Problem(400, 'api-request', `runs: ${wrong} is not an id of a run`)
      if (ids.length > mostRuns)
        throw new Problem(400, 'api-request', `runs: give at most ${mostRuns}, got ${ids.length}`)
      const begun = (await Promise.all(ids.map(id => library.run(id)))).map(({ run }) => run)
      const knobs = differingKnobs(begun.map(({ config }) => config)).map(
        ({ path, values, isOperational: operational }) => {
          return { path, values: values.map(value => value ?? null), operational }
        },
      )
      const shownRuns = begun.map(({ preset, seed, lineage, created_at_ms: createdAtMs }, i) => {
        return { id: ids[i] as string, preset, seed, lineage, createdAtMs }
      })
      const versions = differingVersions(begun.map(versionsOf))
      return context.json({ runs: shownRuns, knobs, versions }, 200)
    })
    .openapi(evaluations, async context => {
      const { before, after } = context.req.valid('query')
      if (!before || !after) return context.json({ before: null, after: null, suites: [] }, 200)
      const [one, two] = await Promise.all([
        evaluatedAt(library, before),
        evaluatedAt(library, after),
      ])
      return context.json(comparisonOf(one, two, compareEvaluated(one, two)), 200)
    })
