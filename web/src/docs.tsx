/** The reference of the API, made from its OpenAPI document. It needs no network. */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import './style.css'

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

function Fields({ schema }: { schema: Schema }) {
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) return <code>{typeOf(schema)}</code>
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

function Route({ verb, path, operation }: { verb: string; path: string; operation: Operation }) {
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))
  const answer = Object.values(good?.[1].content ?? {})[0]?.schema
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema
  return (
    <article>
      <h3>
        {verb.toUpperCase()} {path}
      </h3>
      <p>{operation.description ?? good?.[1].description}</p>
      {(operation.parameters ?? []).length > 0 && (
        <ul class="fields">
          {operation.parameters?.map(({ name, in: where, required, schema, description }) => (
            <li key={name}>
              <code>
                {name}
                {required ? '' : '?'}: {typeOf(schema)}
                {schema.default === undefined ? '' : ` = ${JSON.stringify(schema.default)}`}
              </code>{' '}
              in the {where}. {description}
            </li>
          ))}
        </ul>
      )}
      {body && (
        <p>
          body: <code>{typeOf(body)}</code>
        </p>
      )}
      <p>
        {good?.[0]}: {answer ? <Fields schema={answer} /> : 'nothing'}
      </p>
    </article>
  )
}

/** The fetched document as a file, because a link to the server would not send the token. */
const fileOf = (found: Document) =>
  URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: 'application/json' }))

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
      <main>
        {failure && <p class="failed">Cannot show this: {failure}</p>}
        {!failure && !found && <p class="loading">loading …</p>}
        {found && (
          <>
            <h2>
              The API of azr {found.info.version}: {found.info.description}
            </h2>
            {Object.entries(found.paths).flatMap(([path, verbs]) =>
              Object.entries(verbs).map(([verb, operation]) => (
                <Route key={verb + path} verb={verb} path={path} operation={operation} />
              )),
            )}
            <h2>Schemas</h2>
            {Object.entries(found.components.schemas).map(([name, schema]) => (
              <article key={name} id={name}>
                <h3>{name}</h3>
                <Fields schema={schema} />
              </article>
            ))}
          </>
        )}
      </main>
    </>
  )
}

render(<Docs />, document.getElementById('app') as HTMLElement)
