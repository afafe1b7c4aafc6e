/** docs/reference/api.md: every route and every shape, from the document that the API gives. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wrap } from '../../lib/terminal.ts'
import { createApp } from '../../src/http/app.ts'
import { code, made, prose, table } from './markdown.ts'

type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  items?: Schema
  anyOf?: Schema[]
  /** The parts of a shape that extends another. */
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  description?: string
}
type Content = { content?: Record<string, { schema?: Schema }> }
type Route = {
  operationId: string
  summary: string
  tags: string[]
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: Content
  responses: Record<string, Content & { description: string }>
}
type Document = {
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Route>>
  components: { schemas: Shapes }
}

/** The OpenAPI document of an app with an empty home folder. */
async function openDocument(): Promise<Document> {
  const home = mkdtempSync(join(tmpdir(), 'azr-docs-'))
  const launch = async () => Promise.reject(new Error('Cannot begin a run here'))
  const { app, close } = createApp({ home, launch, charts: [] })
  const answer = await app.request('/openapi.json')
  await close()
  rmSync(home, { recursive: true })
  return (await answer.json()) as Document
}

const nameOf = (ref: string) => ref.split('/').at(-1) as string

function typeOf(schema: Schema = {}): string {
  if (schema.$ref) return `[${nameOf(schema.$ref)}](#${nameOf(schema.$ref).toLowerCase()})`
  if (schema.enum) return schema.enum.map(word => code(JSON.stringify(word))).join(' ')
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`
  const inside = schema.properties ? Object.keys(schema.properties).map(code).join(', ') : ''
  if (inside) return `object with ${inside}`
  const { additionalProperties: values } = schema
  if (values && typeof values === 'object') return `object of ${typeOf(values)}`
  return [schema.type ?? 'any value'].flat().join(' or ')
}

const bodyOf = ({ content = {} }: Content) => {
  const [media = '', { schema = undefined } = {}] = Object.entries(content)[0] ?? []
  return media === 'application/json' ? typeOf(schema) : media
}

function routeLines(verb: string, path: string, route: Route): string[] {
  const [status = '', answer] = Object.entries(route.responses)[0] ?? []
  const parameters = (route.parameters ?? []).map(({ name, in: place, schema }) => [
    code(name),
    place,
    typeOf(schema),
    prose(schema.description ?? ''),
  ])
  const body = answer ? bodyOf(answer) : ''
  const gives = `${answer?.description}${body ? `: ${body}` : ''}`
  return [
    `### ${verb.toUpperCase()} ${path}`,
    '',
    `${route.summary} (\`${route.operationId}\`).`,
    '',
    ...(parameters.length > 0 ? table(['parameter', 'in', 'type', 'meaning'], parameters) : []),
    ...(route.requestBody ? [`Its body is ${bodyOf(route.requestBody)}.`, ''] : []),
    ...wrap(`It answers ${status}. ${gives}.`, 100),
    '',
  ]
}

type Shapes = Record<string, Schema>

/** A shape with the fields of those that it extends, which come first. */
function wholeShape(
  shape: Schema,
  shapes: Shapes,
): Required<Pick<Schema, 'properties' | 'required'>> {
  const { $ref, allOf = [], properties = {}, required = [] } = shape
  const base = $ref ? [shapes[nameOf($ref)] ?? {}] : []
  const parts = [...base, ...allOf].map(part => wholeShape(part, shapes))
  return {
    properties: Object.assign({}, ...parts.map(part => part.properties), properties),
    required: [...parts.flatMap(part => part.required), ...required],
  }
}

function shapeLines([name, shape]: [string, Schema], shapes: Shapes): string[] {
  const { properties, required } = wholeShape(shape, shapes)
  const rows = Object.entries(properties).map(([field, schema]) => [
    `${code(field)}${required.includes(field) ? '' : ' (optional)'}`,
    typeOf(schema),
    prose(schema.description ?? ''),
  ])
  return [`### ${name}`, '', ...table(['field', 'type', 'meaning'], rows)]
}

export async function apiPage(): Promise<string> {
  const { tags, paths, components } = await openDocument()
  const routes = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, route]) => ({ verb, path, route })),
  )
  const groups = tags.flatMap(({ name, description }) => [
    `## ${name}`,
    '',
    `${prose(description)}.`,
    '',
    ...routes
      .filter(({ route }) => route.tags.includes(name))
      .flatMap(({ verb, path, route }) => routeLines(verb, path, route)),
  ])
  return [
    made,
    '# API',
    '',
    '`azr serve`, `azr train` and `azr resume` serve this API next to the page. A running server shows',
    'the same at `/docs`, and gives it as OpenAPI at `/openapi.json`.',
    '[Use the API from Python](../how-to/python.md) has examples.',
    '',
    'A list gives `items` and `next`. Pass `next` as `before` (or `after`) to get the following items.',
    'An error has the media type `application/problem+json`; its `detail` says what to do. Beyond',
    'loopback every request needs the header `Authorization: Bearer TOKEN`.',
    '',
    ...groups,
    '## Shapes',
    '',
    ...Object.entries(components.schemas).flatMap(shape => shapeLines(shape, components.schemas)),
  ].join('\n')
}
