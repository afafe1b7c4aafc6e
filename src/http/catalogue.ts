/** Routes of the catalogue: the presets, and every knob with its type, default and reason. */
import { createRoute, z } from '@hono/zod-openapi'
import { commonKnobs } from '../config/common.ts'
import { loadConfig, presetNames, shownKnobs } from '../config/load.ts'
import { Problem } from './problem.ts'
import { about, list, newRoutes, ok } from './route.ts'

const presetName = z
  .string()
  .max(64)
  .openapi({ param: { name: 'preset', in: 'path' }, example: 'micro' })

const presets = createRoute({
  method: 'get',
  ...about('listPresets', 'Catalogue', 'List the presets'),
  path: '/api/presets',
  responses: ok(list(z.object({ name: z.string() }).openapi('Preset')), 'Presets, by name'),
})

const preset = createRoute({
  method: 'get',
  ...about('getPreset', 'Catalogue', 'Get a preset as a whole config'),
  path: '/api/presets/{preset}',
  request: { params: z.object({ preset: presetName }) },
  responses: ok(
    z.object({ name: z.string(), config: z.unknown() }).openapi('PresetConfig'),
    'The preset, with defaults for all knobs that it does not set',
  ),
})

const knobShown = z
  .object({
    path: z.string().openapi({ example: 'solve.batch' }),
    schema: z.unknown().describe('JSON schema of its values'),
    default: z.unknown(),
    why: z.string(),
    operational: z.boolean().describe('Whether it may differ when a run is resumed'),
    common: z.boolean().describe('Whether most runs set it'),
  })
  .openapi('Knob')

const config = createRoute({
  method: 'get',
  ...about('listKnobs', 'Catalogue', 'List every knob of the config'),
  path: '/api/config',
  responses: ok(list(knobShown), 'Knobs with their types, defaults and reasons'),
})

const listed = () =>
  shownKnobs().map(({ schema, isOperational, ...knob }) => {
    const { $schema: _, description: __, ...type } = z.toJSONSchema(schema, { io: 'input' })
    const common = commonKnobs.includes(knob.path)
    return { ...knob, schema: type, operational: isOperational, common }
  })

export const catalogueRoutes = () =>
  newRoutes()
    .openapi(presets, context =>
      context.json({ items: presetNames().map(name => ({ name })) }, 200),
    )
    .openapi(preset, context => {
      const name = context.req.valid('param').preset
      if (!presetNames().includes(name)) {
        throw new Problem(
          404,
          'preset-unknown',
          `There is no preset ${name}: choose one of ${presetNames().join(', ')}`,
        )
      }
      return context.json({ name, config: loadConfig(name) }, 200)
    })
    .openapi(config, context => context.json({ items: listed() }, 200))
