/** How a run was begun: its labels, its command line, its origin, its knobs. */
import { corpusRows } from '../../../domain/corpus.ts'
import type { Knob, Run } from '../api.ts'
import { useAsked } from '../asked.ts'
import { Await, Empty, plain, Section, Table } from '../parts.tsx'
import { addressOf, here, run, runs } from '../state.ts'
import { textOf, valueAt } from './knobs.tsx'
import { LabelEditor } from './labels.tsx'
import { Command } from './plan.tsx'

function Lineage({ found }: { found: Run }) {
  const { parent, id } = found
  const children = (runs.value ?? []).filter(one => one.parent?.id === id)
  if (!parent && children.length === 0)
    return <Empty>It is not a fork, and no run was forked from it.</Empty>
  return (
    <ul class="lineage">
      {parent && (
        <li>
          from <a href={addressOf({ run: parent.id, panel: 'config' })}>{parent.id}</a>, step{' '}
          {parent.step}{' '}
          <a href={addressOf({ run: '', panel: 'compare', query: { runs: `${parent.id},${id}` } })}>
            compare
          </a>
        </li>
      )}
      {children.map(child => (
        <li key={child.id}>
          <a href={addressOf({ run: child.id, panel: 'config' })}>{child.id}</a> is a fork of it,
          step {child.parent?.step}{' '}
          <a href={addressOf({ run: '', panel: 'compare', query: { runs: `${id},${child.id}` } })}>
            compare
          </a>
        </li>
      ))}
    </ul>
  )
}

function KnobRows({
  knobs,
  config,
  isAll,
}: {
  knobs: readonly Knob[]
  config: unknown
  isAll: boolean
}) {
  const rows = knobs.map(knob => {
    const value = valueAt(config, knob.path)
    const text = value === undefined ? '–' : textOf(value)
    return { ...knob, text, isOwn: value !== undefined && text !== textOf(knob.default) }
  })
  const shown = rows.filter(({ isOwn }) => isAll || isOwn)
  return (
    <Table heads={['knob', 'value', 'default', 'why']} class="knobs">
      {shown.map(({ path, text, isOwn, default: usual, why }) => (
        <tr key={path} class={isOwn ? 'own' : ''}>
          <td>
            <code>{path}</code>
          </td>
          <td>
            <code>{plain(text).slice(0, 300)}</code>
          </td>
          <td class="dim" data-name="default">
            <code>{textOf(usual).slice(0, 80)}</code>
          </td>
          <td class="dim">{why}</td>
        </tr>
      ))}
    </Table>
  )
}

/** The counts of the user's own code. */
function OwnCode({ corpus }: { corpus: NonNullable<Run['corpus']> }) {
  return (
    <Section title="Own code">
      <p class="dim">Functions of {plain(corpus.folder)} that proposals may begin with.</p>
      <Table heads={['what', 'count']} numbers={['count']} class="own-code">
        {corpusRows(corpus).map(([what, count]) => (
          <tr key={what}>
            <td>{plain(what)}</td>
            <td class="number">{count.toLocaleString('en')}</td>
          </tr>
        ))}
      </Table>
    </Section>
  )
}

export function Config() {
  const found = run.value
  const knobs = useAsked(ask => ask.knobs(), [])
  if (!found) return null
  const isAll = here.value.query.knobs === 'all'
  const versions = Object.entries(found.versions)
  return (
    <>
      <Section title="Labels">
        <LabelEditor key={found.id} run={found} />
      </Section>
      <Section title="How to repeat it">
        {found.command === null ? (
          <Empty>No single command began it.</Empty>
        ) : (
          <Command text={found.command} />
        )}
        <p>
          <a href={addressOf({ panel: 'fork' })}>fork with changes</a> ·{' '}
          <a href={addressOf({ panel: 'resume' })}>resume with more steps</a>
        </p>
      </Section>
      <Section title="Where it comes from">
        <Lineage found={found} />
      </Section>
      {found.corpus && <OwnCode corpus={found.corpus} />}
      <Section title="Versions">
        {versions.length === 0 ? (
          <Empty>No versions were recorded.</Empty>
        ) : (
          <dl class="facts">
            {versions.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{plain(String(value))}</dd>
              </div>
            ))}
          </dl>
        )}
      </Section>
      <Section title={isAll ? 'All knobs' : 'Knobs that differ from their defaults'}>
        <p>
          <a href={addressOf({ query: isAll ? {} : { knobs: 'all' } })}>
            {isAll ? 'only those that differ from their defaults' : 'all knobs'}
          </a>
        </p>
        <Await of={knobs}>
          {({ items }) => <KnobRows knobs={items} config={found.config} isAll={isAll} />}
        </Await>
      </Section>
    </>
  )
}
