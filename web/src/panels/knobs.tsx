/** The knobs of a config as a form: by section, with types, values and reasons from the API. */
import type { JSX } from 'preact'
import type { Knob } from '../api.ts'

type Schema = {
  type?: string | string[]
  enum?: unknown[]
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
}

/** A value in the form of the command line. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

export const valueAt = (config: unknown, path: string): unknown =>
  path.split('.').reduce((at, part) => (at as Record<string, unknown> | undefined)?.[part], config)

const optionsOf = (schema: Schema): string[] | null => {
  if (schema.type === 'boolean') return ['true', 'false']
  return schema.enum ? schema.enum.map(textOf) : null
}

function typeOf(schema: Schema): string {
  const options = optionsOf(schema)
  if (options) return options.join(' or ')
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  const { minimum, maximum, exclusiveMinimum } = schema
  const isBounded = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER
  const bounds = [
    ...(isBounded(minimum) ? [`${minimum} or more`] : []),
    ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
    ...(isBounded(maximum) ? [`${maximum} at most`] : []),
  ]
  const name = { integer: 'a whole number', number: 'a number', array: 'a list' }[
    String(schema.type)
  ]
  return [name ?? String(schema.type ?? 'any value'), ...bounds].join(', ')
}

type FieldProps = {
  knob: Knob
  /** The value without a change. */
  base: string
  /** The changed value, or undefined. */
  given: string | undefined
  set: (value: string) => void
}

function Input({ knob, base, given, set }: FieldProps) {
  const schema = knob.schema as Schema
  const options = optionsOf(schema)
  const id = `knob-${knob.path}`
  const value = given ?? base
  if (options) {
    return (
      <select id={id} value={value} onChange={event => set(event.currentTarget.value)}>
        {options.map(option => (
          <option key={option}>{option}</option>
        ))}
      </select>
    )
  }
  const isNumber = schema.type === 'integer' || schema.type === 'number'
  return (
    <input
      id={id}
      value={value}
      aria-describedby={`${id}-why`}
      inputMode={isNumber ? 'decimal' : 'text'}
      spellcheck={false}
      onInput={event => set(event.currentTarget.value)}
    />
  )
}

function Field(props: FieldProps) {
  const { knob, base, given, set } = props
  const { path, why } = knob
  const isChanged = given !== undefined && given !== base
  return (
    <div class={isChanged ? 'knob changed' : 'knob'}>
      <label for={`knob-${path}`}>
        <code>{path}</code>
      </label>
      <Input {...props} />
      {isChanged && (
        <button type="button" onClick={() => set(base)}>
          back to {base.slice(0, 24)}
        </button>
      )}
      <p id={`knob-${path}-why`} class="dim">
        {why} <span class="type">({typeOf(knob.schema as Schema)})</span>
      </p>
    </div>
  )
}

export type Given = Record<string, string>

/** Changed knobs, and those named in the address, come first. */
export function KnobFields(props: {
  knobs: readonly Knob[]
  config: unknown
  given: Given
  /** Paths of the knobs to show first. */
  first: readonly string[]
  change: (given: Given) => void
}): JSX.Element {
  const { knobs, config, given, first, change } = props
  const field = (knob: Knob) => {
    const base = textOf(valueAt(config, knob.path) ?? knob.default)
    const set = (value: string) => {
      const { [knob.path]: _, ...rest } = given
      change(value === base ? rest : { ...rest, [knob.path]: value })
    }
    return <Field key={knob.path} knob={knob} base={base} given={given[knob.path]} set={set} />
  }
  const isFirst = ({ path, common }: Knob) => common || first.includes(path)
  const shown = knobs.filter(isFirst)
  const order = ({ path }: Knob) => (first.includes(path) ? first.indexOf(path) - 1000 : 0)
  const rest = knobs.filter(knob => !isFirst(knob))
  const sections = Map.groupBy(rest, ({ path }) =>
    path.includes('.') ? path.split('.')[0] : 'run',
  )
  return (
    <>
      {shown.toSorted((a, b) => order(a) - order(b)).map(field)}
      {[...sections].map(([section, members]) => (
        <details key={section} open={members.some(({ path }) => path in given)}>
          <summary>
            {section} <span class="dim">{members.length} more</span>
          </summary>
          {members.map(field)}
        </details>
      ))}
    </>
  )
}
