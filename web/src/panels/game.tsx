/**
 * The game as it is played: the proposer invents a task, the solver answers it, the answers say
 * what it is worth. A task stays in view until its worth is known, and a while longer.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import { percent } from '../../../lib/formats.ts'
import type { Game as Found } from '../api.ts'
import { colorOf, kinds, labelOf } from '../kinds.ts'
import { Await, Empty, plain } from '../parts.tsx'
import { Python } from '../python.tsx'
import { addressOf, isLive, rowsAt, tempo, until, useFetched } from '../state.ts'

type Stage = NonNullable<Found['stage']>
type Played = Found['recent'][number]

/** So long a task is seen at least. */
const heldMs = 4000
const mostAnswers = 4
const mostPairs = 4

const signed = (value: number) => (value < 0 ? `−${-value.toFixed(2)}` : `+${value.toFixed(2)}`)
const cut = (text: string, most = 120) => (text.length > most ? `${text.slice(0, most)}…` : text)

/** `asks` of its kind, filled in. */
function questionOf({ kind, pairs }: Stage): string {
  const { asks = '' } = kinds.value.find(({ name }) => name === kind) ?? {}
  const shown = pairs.slice(0, mostPairs).map(({ input, output }) => `f(${input}) = ${output}`)
  const [pair] = pairs
  const words: Record<string, string | undefined> = {
    input: pair?.input,
    output: pair?.output,
    pairs: shown.join(', '),
  }
  return asks.replaceAll(/\{(input|output|pairs)\}/g, (_, name) => cut(words[name] ?? ''))
}

const marks: Record<string, [mark: string, name: string]> = {
  correct: ['✓', 'right'],
  wrong: ['✗', 'wrong'],
}

function Dots({ stage: { verdicts, expected } }: { stage: Stage }) {
  const open = Math.max(0, expected - verdicts.length)
  const all = [...verdicts, ...Array<null>(open).fill(null)]
  return (
    <p class="dots" aria-hidden="true">
      {all.map((verdict, i) => {
        const [mark, name] = marks[verdict ?? ''] ?? (verdict === null ? ['', 'open'] : ['–', ''])
        return (
          <i key={i} class={`dot ${name}`}>
            {mark}
          </i>
        )
      })}
    </p>
  )
}

function Answers({ stage }: { stage: Stage }) {
  const { verdicts, answers, verdict, purpose, expected } = stage
  const right = verdicts.filter(one => one === 'correct').length
  const judged = verdicts.filter(one => one !== null).length
  if (verdict !== 'accepted') return <Empty>It is no task: nobody is asked.</Empty>
  if (purpose === 'seed') return <Empty>A first task: it is answered once self-play begins.</Empty>
  return (
    <>
      <p class="asked">{plain(questionOf(stage))}</p>
      <Dots stage={stage} />
      <p class="count">
        {judged === 0
          ? `0 of ${expected} answers are in`
          : `${right} of ${judged} answers are right`}
      </p>
      <ul class="said">
        {answers.slice(0, mostAnswers).map(({ answer, verdict, count }) => (
          <li key={`${verdict} ${answer}`} class={marks[verdict]?.[1] ?? ''}>
            <span>
              {marks[verdict]?.[0] ?? '–'} {verdict}
              {count > 1 && ` ×${count}`}
            </span>
            <code>{plain(cut(answer))}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Why it is worth that, in words. */
function reasonOf({ verdict, reason, successRate: rate, learnability, purpose }: Played): string {
  if (verdict === 'duplicate') return 'the same task was there before'
  if (verdict === 'refused') return `it is no task: ${plain(cut(reason ?? 'refused', 160))}`
  if (purpose === 'seed') return 'the first tasks are not rewarded'
  if (rate === null) return 'known when its answers are in'
  if (rate === 0) return 'nobody solved it: there is nothing to learn from it yet'
  if (rate === 1) return 'everybody solved it: there is nothing left to learn from it'
  return `solved sometimes, so there is something to learn: 1 − ${rate.toFixed(2)} = ${(learnability ?? 1 - rate).toFixed(2)}`
}

function Worth({ stage }: { stage: Stage }) {
  const { reward, successRate: rate, learnability } = stage
  const isMore = reward !== null && learnability !== null && learnability > 0
  return (
    <>
      <p class="worth">
        <b>{reward === null ? '…' : signed(reward)}</b> <span>for the proposer</span>
      </p>
      {rate !== null && (
        <p class="rate" aria-hidden="true">
          <i style={{ width: percent(rate) }} />
        </p>
      )}
      <p class="dim">{reasonOf(stage)}</p>
      {isMore && Math.abs(reward - learnability) > 0.005 && (
        <p class="dim">{signed(reward - learnability)} for how new and how complex it is</p>
      )}
    </>
  )
}

function chipOf({ verdict, purpose, successRate: rate }: Played): [text: string, name: string] {
  if (verdict === 'refused') return ['no task', 'refused']
  if (verdict === 'duplicate') return ['again', 'refused']
  if (purpose === 'seed') return ['first', '']
  if (rate === null) return ['…', 'open']
  return [percent(rate), rate > 0 && rate < 1 ? 'sometimes' : '']
}

function Recent(props: { all: Played[]; shown: string; pick: (id: string) => void }) {
  return (
    <fieldset class="recent" aria-label="Proposals of this step, the newest first">
      {props.all.map(one => {
        const [text, name] = chipOf(one)
        return (
          <button
            key={one.id}
            type="button"
            class={`chip ${name} of-${colorOf(one.kind)}`}
            aria-pressed={one.id === props.shown}
            title={`${labelOf(one.kind)}: ${reasonOf(one)}`}
            onClick={() => props.pick(one.id)}
          >
            <i class="swatch" />
            {text}
          </button>
        )
      })}
    </fieldset>
  )
}

function Board({ stage }: { stage: Stage }) {
  const { kind, program, policyVersion, id } = stage
  return (
    <div class="board" key={id}>
      <div class="part">
        <h3>
          <span class={`kind of-${colorOf(kind)}`}>{labelOf(kind)}</span> The proposer invents
        </h3>
        {program === null ? (
          <Empty>Its text could not be read.</Empty>
        ) : (
          <Python program={program} />
        )}
        <a href={addressOf({ panel: 'tasks', query: { task: id } })}>the task</a>
      </div>
      <div class="part">
        <h3>The solver answers</h3>
        <Answers stage={stage} />
        <p class="dim">policy {policyVersion} plays both sides</p>
      </div>
      <div class="part">
        <h3>What it is worth</h3>
        <Worth stage={stage} />
      </div>
    </div>
  )
}

const isOver = ({ reward, verdict, purpose }: Played) =>
  reward !== null || verdict !== 'accepted' || purpose === 'seed'

/** While nothing new happens, a task of the step that was not in view yet, of another kind first. */
function nextOf({ stage, recent }: Found, seen: ReadonlySet<string>): string | undefined {
  if (stage === null || !isOver(stage) || !seen.has(stage.id)) return undefined
  const fresh = recent.filter(
    ({ id, verdict, reward }) => verdict === 'accepted' && reward !== null && !seen.has(id),
  )
  return (fresh.find(({ kind }) => kind !== stage.kind) ?? fresh[0])?.id
}

/** Which task is asked for next: the one in view until it was seen, then the newest. */
function useStage(isHeld: boolean) {
  const view = useRef<{ id: string; sinceMs: number } | null>(null)
  const seen = useRef(new Set<string>())
  const at = until.value ?? undefined
  const game = useFetched((ask, id) => ask.game(id, at, view.current?.id), [at], tempo)
  const stage = game.data?.stage ?? null
  useEffect(() => {
    if (!stage) return
    const next = view.current ? undefined : nextOf(game.data as Found, seen.current)
    if (next) view.current = { id: next, sinceMs: Date.now() }
    else if (view.current?.id !== stage.id) view.current = { id: stage.id, sinceMs: Date.now() }
    seen.current.add(view.current?.id ?? '')
    const isSeen = Date.now() - (view.current?.sinceMs ?? 0) > heldMs
    if (!isHeld && isOver(stage) && isSeen && isLive.value) view.current = null
  }, [game.data])
  const pick = (id: string) => {
    view.current = { id, sinceMs: Date.now() }
    tempo.value += 1
  }
  return { game, pick }
}

export function Game() {
  const [isHeld, hold] = useState(false)
  const { game, pick } = useStage(isHeld)
  return (
    <section class="card game" aria-labelledby="game">
      <header>
        <h2 id="game">The game</h2>
        {isLive.value && until.value === null && (
          <button type="button" aria-pressed={isHeld} onClick={() => hold(!isHeld)}>
            {isHeld ? 'go on' : 'hold'}
          </button>
        )}
        {game.data?.stage && (
          <a href={rowsAt({}, game.data.stage.step)}>all tasks of step {game.data.stage.step}</a>
        )}
      </header>
      <Await of={game}>
        {({ stage, recent }) =>
          stage === null ? (
            <Empty>The first task is being written.</Empty>
          ) : (
            <>
              <Board stage={stage} />
              <Recent
                all={recent}
                shown={stage.id}
                pick={id => {
                  hold(true)
                  pick(id)
                }}
              />
            </>
          )
        }
      </Await>
    </section>
  )
}
