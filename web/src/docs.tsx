/** The reference of the API, made from its OpenAPI document: by group, with contents. */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import './style.css'
import './docs.css'

type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  description?: string
  default?: unknown
}
type Content = Record<string, { schema: Schema }>
type Operation = {
  operationId: string
  summary: string
  tags: string[]
  description?: string
  parameters?: {
    name: string
    in: string
    required?: boolean
    schema: Schema
    description?: string
  }[]
  requestBody?: { content: Content }
  responses: Record<string, { description: string; content?: Content }>
}
type Document = {
  info: { title: string; version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

const refName = (ref: string) => ref.split('/').at(-1) ?? ref

function typeOf(schema: Schema): string {
  if (schema.$ref) return refName(schema.$ref)
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type
  if (type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  return type ?? 'anything'
}

/** A type; that of a schema with a name leads to it. */
function Name({ schema }: { schema: Schema }) {
  const ref = schema.$ref ?? schema.items?.$ref
  if (!ref) return <code>{typeOf(schema)}</code>
  return (
    <a href={`#${refName(ref)}`}>
      <code>{typeOf(schema)}</code>
    </a>
  )
}

function Fields({ schema }: { schema: Schema }) {
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) return <Name schema={schema} />
  return (
    <ul class="fields">
      {fields.map(([name, inner]) => (
        <li key={name}>
          <code>
            {name}
            {schema.required?.includes(name) ? '' : '?'}: {typeOf(inner)}
          </code>{' '}
          {inner.description}
          {inner.items?.properties && <Fields schema={inner.items} />}
          {inner.properties && <Fields schema={inner} />}
        </li>
      ))}
    </ul>
  )
}

type Described = { verb: string; path: string; operation: Operation }

function Route({ verb, path, operation }: Described) {
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))
  const answer = Object.values(good?.[1].content ?? {})[0]?.schema
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema
  const about = operation.description ?? good?.[1].description
  return (
    <article id={operation.operationId}>
      <h3>
        {operation.summary}
        <code>
          <b class={`verb ${verb}`}>{verb.toUpperCase()}</b> {path}
        </code>
      </h3>
      {about && <p>{about}.</p>}
      {(operation.parameters ?? []).length > 0 && (
        <ul class="fields">
          {operation.parameters?.map(({ name, in: where, required, schema, description }) => (
            <li key={name}>
              <code>
                {name}
                {required ? '' : '?'}: {typeOf(schema)}
                {schema.default === undefined ? '' : ` = ${JSON.stringify(schema.default)}`}
              </code>{' '}
              {where !== 'query' && `in the ${where}`} {description}
            </li>
          ))}
        </ul>
      )}
      {body && (
        <p>
          Body: <Name schema={body} />
        </p>
      )}
      <p>
        Answers {good?.[0]}: {answer ? <Fields schema={answer} /> : 'no body'}
      </p>
    </article>
  )
}

/** The fetched document as a file, because a link to the server would not send the token. */
const fileOf = (found: Document) =>
  URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: 'application/json' }))

const routesOf = (found: Document, tag: string): Described[] =>
  Object.entries(found.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs)
      .filter(([, { tags }]) => tags.includes(tag))
      .map(([verb, operation]) => ({ verb, path, operation })),
  )

/** Every route by its summary, next to the routes. */
const Contents = ({ found }: { found: Document }) => (
  <nav class="contents" aria-label="Routes">
    {found.tags.map(({ name }) => (
      <details key={name} open>
        <summary>{name}</summary>
        <ul>
          {routesOf(found, name).map(({ operation: { operationId, summary } }) => (
            <li key={operationId}>
              <a href={`#${operationId}`}>{summary}</a>
            </li>
          ))}
        </ul>
      </details>
    ))}
    <a href="#schemas">Schemas</a>
  </nav>
)

function Docs() {
  const [found, setFound] = useState<Document | null>(null)
  const [failure, setFailure] = useState('')
  useEffect(() => {
    const token = sessionStorage.getItem('azr-token')
    fetch('openapi.json', { headers: token ? { authorization: `Bearer ${token}` } : {} })
      .then(answer => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .then(setFound)
      .catch((error: Error) => setFailure(error.message))
  }, [])
  return (
    <>
      <header>
        <h1>
          <a href=".">azr</a>
        </h1>
        <nav aria-label="Elsewhere">
          {found && (
            <a href={fileOf(found)} download="openapi.json">
              openapi.json
            </a>
          )}
        </nav>
      </header>
      <main class="reference">
        {failure && <p class="failed">Cannot show this: {failure}</p>}
        {!failure && !found && <p class="loading">loading …</p>}
        {found && (
          <>
            <Contents found={found} />
            <div>
              <h2>azr {found.info.version}</h2>
              <p>{found.info.description}</p>
              {found.tags.map(({ name, description }) => (
                <section key={name} aria-labelledby={`tag-${name}`}>
                  <h2 id={`tag-${name}`}>{name}</h2>
                  <p class="dim">{description}</p>
                  {routesOf(found, name).map(route => (
                    <Route key={route.operation.operationId} {...route} />
                  ))}
                </section>
              ))}
              <section aria-labelledby="schemas">
                <h2 id="schemas">Schemas</h2>
                {Object.entries(found.components.schemas).map(([name, schema]) => (
                  <article key={name} id={name}>
                    <h3>{name}</h3>
                    <Fields schema={schema} />
                  </article>
                ))}
              </section>
            </div>
          </>
        )}
      </main>
    </>
  )
}

render(<Docs />, document.getElementById('app') as HTMLElement)
