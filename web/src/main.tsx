/** The page: a header with the run, its state and its commands; tabs; the scrubber. */
import { type JSX, render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ask } from './api.ts'
import { fetchPalette } from './chart/colors.ts'
import { Alarms, isWell } from './panels/alarms.tsx'
import { Fork, NewRun, Resume } from './panels/begin.tsx'
import { Behaviour } from './panels/behaviour.tsx'
import { Compare } from './panels/compare.tsx'
import { Config } from './panels/config.tsx'
import { Frontier } from './panels/frontier.tsx'
import { Health } from './panels/health.tsx'
import { Learning } from './panels/learning.tsx'
import { Nothing, Unknown } from './panels/nothing.tsx'
import { Overview } from './panels/overview.tsx'
import { Runs } from './panels/runs.tsx'
import { Scrubber } from './panels/scrubber.tsx'
import { Tasks } from './panels/tasks.tsx'
import {
  addressOf,
  go,
  here,
  isApart,
  isLive,
  keepUp,
  type Panel,
  panels,
  run,
  runId,
  runs,
  trouble,
  unknown,
  until,
  useFetched,
} from './state.ts'
import { names } from './titles.ts'
import './style.css'
import './chart/chart.css'
import './panels/overview.css'
import './views.css'

const views: Record<Panel, () => JSX.Element | null> = {
  overview: Overview,
  learning: Learning,
  frontier: Frontier,
  behaviour: Behaviour,
  tasks: Tasks,
  health: Health,
  config: Config,
  fork: Fork,
  resume: Resume,
  runs: Runs,
  compare: Compare,
  new: NewRun,
}

function Commands() {
  const [said, setSaid] = useState('')
  const { id = '', status } = run.value ?? {}
  // The command was carried out, or another run is shown.
  useEffect(() => setSaid(''), [id, status])
  const order = async (verb: 'pause' | 'resume' | 'stop') => {
    setSaid(`${verb}: asked`)
    try {
      await ask.command(id, verb)
    } catch (error) {
      setSaid((error as Error).message)
    }
  }
  const verbs = {
    running: ['pause', 'stop'],
    paused: ['resume', 'stop'],
    stopped: ['resume'],
    failed: ['resume'],
  }
  const offered = (verbs[status as keyof typeof verbs] ?? []) as ('pause' | 'resume' | 'stop')[]
  return (
    <span class="commands">
      {offered.map(verb => (
        <button key={verb} type="button" onClick={() => order(verb)}>
          {verb}
        </button>
      ))}
      <span role="status">{said}</span>
    </span>
  )
}

function Header() {
  const found = run.value
  const step = found?.step === null ? 'seeding' : `step ${found?.step} of ${found?.steps}`
  return (
    <header>
      <h1>
        <a href={addressOf({ panel: 'overview', query: {} })}>azr</a>
      </h1>
      {runs.value !== null && runs.value.length > 0 && (
        <label>
          run{' '}
          <select value={runId.value} onChange={event => go({ run: event.currentTarget.value })}>
            {(runId.value === '' || unknown.value !== null) && (
              <option value={runId.value}>choose one</option>
            )}
            {runs.value.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      )}
      <span id="status" role="status">
        {found && (
          <>
            <b class={`badge ${found.status}`}>{found.status}</b> {step}
          </>
        )}
      </span>
      {found && <Commands />}
      <nav aria-label="Elsewhere">
        {(['runs', 'new'] as const).map(panel => (
          <a
            key={panel}
            href={addressOf({ run: '', panel })}
            aria-current={here.value.panel === panel ? 'page' : undefined}
          >
            {names[panel]}
          </a>
        ))}
        <a href="docs">API</a>
      </nav>
    </header>
  )
}

function Tabs() {
  const tabs = useRef<HTMLElement>(null)
  // On a phone the tabs are one line that scrolls. Scroll it to the chosen tab.
  useEffect(() => {
    const [box, tab] = [tabs.current, tabs.current?.querySelector<HTMLElement>('[aria-current]')]
    if (box && tab) box.scrollLeft = tab.offsetLeft - (box.clientWidth - tab.offsetWidth) / 2
  }, [here.value.panel])
  return (
    <nav class="tabs" aria-label="Panels" ref={tabs}>
      {panels.map(panel => (
        <a
          key={panel}
          href={addressOf({ panel })}
          aria-current={here.value.panel === panel ? 'page' : undefined}
        >
          {names[panel]}
        </a>
      ))}
    </nav>
  )
}

/** The alarms, which every panel shows. */
function Banner() {
  const at = until.value ?? undefined
  const health = useFetched((ask, id) => ask.health(id, at))
  if (trouble.value !== null) {
    return (
      <div class="banner failed" role="alert">
        {trouble.value}. The page shows its last answer, and continues when azr answers again.
      </div>
    )
  }
  // These panels show the alarms themselves.
  const isTold = ['overview', 'health'].includes(here.value.panel)
  if (!health.data || isWell(health.data) || isTold) return null
  return (
    <div class="banner">
      <Alarms found={health.data} />
    </div>
  )
}

function Page() {
  const View = views[here.value.panel]
  const isAlone = isApart(here.value.panel)
  const isEmpty = runs.value !== null && runs.value.length === 0 && here.value.panel !== 'new'
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        skip to the content
      </button>
      <Header />
      {!isEmpty && !isAlone && unknown.value === null && <Tabs />}
      <main id="main" tabIndex={-1} data-live={isLive.value}>
        {!isAlone && <Banner />}
        {isEmpty && <Nothing />}
        {!isEmpty && runs.value === null && trouble.value === null && (
          <p class="loading">loading …</p>
        )}
        {unknown.value !== null && <Unknown id={unknown.value} />}
        {!isEmpty && isAlone && runs.value !== null && <View />}
        {!isEmpty && !isAlone && run.value !== null && (
          <>
            <Scrubber />
            <View />
          </>
        )}
      </main>
    </>
  )
}

render(<Page />, document.getElementById('app') as HTMLElement)
void fetchPalette()
void keepUp()
