/**
 * The table of all runs: sorted, filtered, or as a tree of forks. Selected runs can be compared.
 */
import type { RunSummary, Standing } from '../api.ts'
import { useAsked } from '../asked.ts'
import { Empty, Wide } from '../parts.tsx'
import { Head } from '../sorting.tsx'
import { addressOf, go, here, runs } from '../state.ts'
import { bestOf, nameOf, RunCells, type RunRow, scoreOf } from './run-row.tsx'

/** Scores that most runs have come first. */
function scoreNames(standings: readonly Standing[]): string[] {
  const all = standings.flatMap(({ scores }) => scores.map(nameOf))
  const counts = Map.groupBy(all, name => name)
  return [...counts.keys()].sort(
    (a, b) => (counts.get(b)?.length ?? 0) - (counts.get(a)?.length ?? 0) || (a < b ? -1 : 1),
  )
}

const columns = {
  run: ({ id, labels }: RunRow) => labels.title ?? id,
  status: ({ status }: RunRow) => status,
  step: ({ step }: RunRow) => step ?? -1,
  preset: ({ preset }: RunRow) => preset,
  seed: ({ seed }: RunRow) => seed,
  size: ({ standing }: RunRow) => standing?.bytes ?? 0,
  begun: ({ createdAtMs }: RunRow) => createdAtMs,
}
type Column = keyof typeof columns | 'best'

const holds = (row: RunSummary, text: string) => {
  const { id, preset, status, labels } = row
  const all = [id, preset, status, labels.title ?? '', labels.notes, ...labels.tags].join('\n')
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(word => all.toLowerCase().includes(word))
}

/** Puts each fork below its parent, if the parent is listed. */
export function asTree(rows: readonly RunRow[]): RunRow[] {
  const known = new Set(rows.map(({ id }) => id))
  const children = Map.groupBy(rows, ({ parent }) =>
    parent && known.has(parent.id) ? parent.id : '',
  )
  const below = (id: string, depth: number): RunRow[] =>
    (children.get(id) ?? []).flatMap(row => [{ ...row, depth }, ...below(row.id, depth + 1)])
  return below('', 0)
}

function sorted(rows: RunRow[], by: Column, score: string, isUp: boolean): RunRow[] {
  const value = (row: RunRow) =>
    by === 'best' ? (bestOf(scoreOf(row.standing, score)) ?? -1) : columns[by](row)
  return rows.toSorted((a, b) => {
    const [one, two] = [value(a), value(b)]
    const order = one < two ? -1 : one > two ? 1 : a.id < b.id ? -1 : 1
    return isUp ? order : -order
  })
}

const heads: [Column | null, string][] = [
  [null, 'choose'],
  ['run', 'run'],
  ['status', 'status'],
  ['step', 'step'],
  ['best', 'best score'],
  [null, 'scores'],
  ['preset', 'preset'],
  ['seed', 'seed'],
  ['size', 'size'],
  ['begun', 'begun (UTC)'],
  [null, 'labels'],
]

const figures = ['step', 'best score', 'seed', 'size', 'begun (UTC)']

/** The query with a change. Empty values are left out. */
const asked = (change: Record<string, string>) => ({ ...here.value.query, ...change })

const change = (query: Record<string, string>) => go({ query: asked(query) })

/** The same while something is typed or ticked: 'back' leads to the view before. */
function retype(query: Record<string, string>): void {
  history.replaceState(null, '', addressOf({ query: asked(query) }))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** A choice of one of several, which stands in the address. */
function Choice(props: { name: string; value: string; names: readonly string[]; any?: string }) {
  const { name, value, names, any } = props
  return (
    <label>
      {name}{' '}
      <select value={value} onChange={event => change({ [name]: event.currentTarget.value })}>
        {any !== undefined && <option value="">{any}</option>}
        {names.map(one => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  )
}

/** Leads to the comparison of the chosen runs, once there are two. */
function CompareLink({ chosen }: { chosen: string[] }) {
  const isOff = chosen.length < 2
  const query = { runs: chosen.join(',') }
  return (
    <a
      class={`button${isOff ? ' off' : ''}`}
      aria-disabled={isOff}
      {...(isOff ? {} : { href: addressOf({ run: '', panel: 'compare', query }) })}
    >
      compare {isOff ? 'those chosen' : chosen.length}
    </a>
  )
}

function Bar({ names, score, chosen }: { names: string[]; score: string; chosen: string[] }) {
  const { query } = here.value
  const tags = [...new Set((runs.value ?? []).flatMap(({ labels }) => labels.tags))].sort()
  return (
    <search>
      <form class="filters" onSubmit={event => event.preventDefault()}>
        <label>
          find{' '}
          <input
            type="search"
            value={query.text ?? ''}
            onInput={event => retype({ text: event.currentTarget.value })}
          />
        </label>
        {tags.length > 0 && <Choice name="tag" value={query.tag ?? ''} names={tags} any="any" />}
        {names.length > 1 && <Choice name="score" value={score} names={names} />}
        <label>
          <input
            type="checkbox"
            checked={query.tree === 'yes'}
            onChange={event => change({ tree: event.currentTarget.checked ? 'yes' : '' })}
          />{' '}
          forks below their parents
        </label>
        <span class="spacer" />
        <span class="acts">
          <CompareLink chosen={chosen} />
          <a class="button main" href={addressOf({ run: '', panel: 'new' })}>
            new run
          </a>
        </span>
      </form>
    </search>
  )
}

export function Runs() {
  const { query } = here.value
  const all = runs.value ?? []
  const state = all.map(({ id, step, status }) => `${id} ${step} ${status}`).join()
  const standings = useAsked(ask => ask.standings(), [state])
  const known = new Map((standings.data?.items ?? []).map(one => [one.id, one]))
  const names = scoreNames(standings.data?.items ?? [])
  const score = query.score ?? names[0] ?? ''
  const chosen = (query.runs ?? '').split(',').filter(id => all.some(run => run.id === id))
  const by = heads.find(([column]) => column === query.sort)?.[0] ?? 'begun'
  const isUp = query.order === 'asc'
  const isTree = query.tree === 'yes'
  const rows = all
    .filter(run => holds(run, query.text ?? ''))
    .filter(({ labels }) => !query.tag || labels.tags.includes(query.tag))
    .map((run): RunRow => ({ ...run, standing: known.get(run.id), depth: 0 }))
  const ordered = sorted(rows, by, score, isUp)
  const shown = isTree ? asTree(ordered) : ordered
  const choose = (id: string, isChosen: boolean) => {
    const ids = isChosen ? [...chosen, id] : chosen.filter(one => one !== id)
    retype({ runs: ids.join(',') })
  }
  return (
    <section aria-labelledby="all-runs">
      <h2 id="all-runs">{all.length === 1 ? '1 run' : `${all.length} runs`}</h2>
      <Bar names={names} score={score} chosen={chosen} />
      {standings.error && <p class="failed">Cannot show scores: {standings.error}</p>}
      {shown.length === 0 ? (
        <Empty>No run matches.</Empty>
      ) : (
        <Wide>
          <table class="runs">
            <thead>
              <tr>
                {heads.map(([column, name]) => {
                  const isNumber = figures.includes(name)
                  return <Head key={name} {...{ name, column, by, isUp, isNumber }} />
                })}
              </tr>
            </thead>
            <tbody>
              {shown.map(row => (
                <RunCells
                  key={row.id}
                  row={row}
                  score={score}
                  isTree={isTree}
                  isChosen={chosen.includes(row.id)}
                  choose={isChosen => choose(row.id, isChosen)}
                />
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </section>
  )
}
