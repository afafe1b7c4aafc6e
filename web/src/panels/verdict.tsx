/** Whether the run learns: the verdict with its reasons, its progress, its current activity. */
import { span } from '../../../lib/formats.ts'
import type { Health, Machines, Overview, Progress } from '../api.ts'
import { Facts, plain } from '../parts.tsx'
import { addressOf, isLive, run, until } from '../state.ts'
import { Remedy } from './remedy.tsx'

const mostReasons = 4

/** The states of the run's machine in plain words. */
const phases: [state: RegExp, words: string][] = [
  [/rolling|planning/, 'inventing and solving'],
  [/confirming/, 'checking that engine and learner agree'],
  [/grading/, 'judging the answers'],
  [/dozing|updating|saving|refreshing/, 'learning from the answers'],
  [/evaluating|adding|choosing|changing|resting|returning/, 'answering held-out suites'],
  [/closing/, 'closing the step'],
  [/starting|locating|preparing|loading/, 'starting engine and learner'],
]

function doingOf(machines: Machines | null, progress: Progress | null): string {
  const state = machines?.items.find(({ actor }) => actor === 'run')?.state ?? ''
  const words = phases.find(([pattern]) => pattern.test(state))?.[1]
  if (!words) return ''
  const work = progress?.work ?? []
  const sum = (of: 'drafted' | 'judged') => work.reduce((total, one) => total + one[of], 0)
  const isSeeding = progress?.step === 0 && words.startsWith('inventing')
  const name = isSeeding ? 'writing its first tasks' : words
  const count = sum('drafted')
  return count > 0 ? `${name} · ${count} texts, ${sum('judged')} judged` : name
}

type Props = {
  found: Overview
  health: Health | null
  machines: Machines | null
  progress: Progress | null
}

function Far({ found, machines, progress }: Props) {
  const { steps = 0, status = '' } = run.value ?? {}
  const done = Math.max(0, until.value ?? run.value?.step ?? 0)
  const { leftMs: left, stepMs } = found
  const facts: [string, string][] = [
    ['step', `${done} of ${steps}`],
    ['time per step', stepMs === null ? '–' : span(stepMs)],
    [
      'time left',
      status === 'finished' && until.value === null
        ? 'none'
        : left === null
          ? isLive.value
            ? 'known after step 1'
            : '–'
          : `about ${span(left)}`,
    ],
  ]
  const doing = isLive.value && until.value === null ? doingOf(machines, progress) : ''
  return (
    <div class="far">
      <progress max={Math.max(1, steps)} value={done} aria-label={`step ${done} of ${steps}`} />
      <Facts class="figures" facts={facts} />
      {doing && <p class="doing">{doing}</p>}
    </div>
  )
}

/** The best step of a suite that fell since: a fork from there starts again from it. */
function WayBack({ found }: { found: Overview }) {
  const fallen = found.suites.find(({ change }) => change && change.interval.high < 0)
  const best = fallen?.points.toSorted((a, b) => b.value - a.value)[0]
  if (!best) return null
  return (
    <p>
      <a href={addressOf({ panel: 'fork', query: { at: String(best.step) } })}>
        Fork from step {best.step}, its best, with changes
      </a>
    </p>
  )
}

/** Whether the panel Health says more about the problem. */
const isKnown = (health: Health | null) =>
  health !== null && health.alarms.length + health.hangs.length + (health.failure ? 1 : 0) > 0

export function Verdict(props: Props) {
  const { state, title, why } = props.found.verdict
  const warnings = props.health?.alarms.filter(({ level }) => level === 'warning').length ?? 0
  const collapse = props.health?.alarms.find(({ level }) => level === 'collapse')
  const isTrouble = state === 'trouble' && isKnown(props.health)
  const isTroubled = isTrouble || warnings > 0
  return (
    <section class={`card verdict is-${state}`} aria-labelledby="verdict">
      <div>
        <p class="label">Is it learning?</p>
        <h2 id="verdict">{title}</h2>
        <ul>
          {why.slice(0, mostReasons).map(reason => (
            <li key={reason}>{plain(reason)}</li>
          ))}
        </ul>
        {isTroubled && (
          <p class="ways">
            <a href={addressOf({ panel: 'health', query: {} })}>
              {isTrouble ? 'What to do about it' : ''}
              {isTrouble && warnings > 0 ? ', and ' : ''}
              {warnings > 0 ? `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}` : ''}
            </a>
            {collapse && <Remedy alarm={collapse} />}
          </p>
        )}
        {state === 'trouble' && !collapse && <WayBack found={props.found} />}
      </div>
      <Far {...props} />
    </section>
  )
}
