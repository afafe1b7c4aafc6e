/**
 * The game as it is played: the proposer invents a task, the solver answers it, the answers decide
 * its reward. A task stays in view until it has its reward, and a while longer.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import { percent } from '../../../lib/formats.ts'
import type { Game as Found } from '../api.ts'
import { colorOf, labelOf } from '../kinds.ts'
import { Await, Empty, plain } from '../parts.tsx'
import { Python } from '../python.tsx'
import { addressOf, isLive, rowsAt, tempo, until, useFetched } from '../state.ts'
import { Answers, cut, type Stage } from './answers.tsx'

type Played = Found['recent'][number]

/** The least time that a task is shown. */
const heldMs = 4000

const signed = (value: number) => (value < 0 ? `−${(-value).toFixed(2)}` : `+${value.toFixed(2)}`)
/** Explains the reward in words. */
function reasonOf({ verdict, reason, successRate: rate, learnability, purpose }: Played): string {
  if (verdict === 'duplicate') return 'it is a duplicate of an earlier task'
  if (verdict === 'refused')
    return `it is not a valid task: ${plain(cut(reason ?? 'refused', 160))}`
  if (purpose === 'seed') return 'seed tasks are not rewarded'
  if (rate === null) return 'known when all answers are judged'
  if (rate === 0) return 'no answer was right: there is nothing to learn from it yet'
  if (rate === 1) return 'every answer was right: there is nothing left to learn from it'
  return `solved sometimes, so there is something to learn: 1 − ${rate.toFixed(2)} = ${(learnability ?? 1 - rate).toFixed(2)}`
}

function Worth({ stage }: { stage: Stage }) {
  const { reward, successRate: rate, learnability } = stage
  const isMore = reward !== null && learnability !== null && learnability > 0
  return (
    <>
      <p class="worth">
        <b>{reward === null ? '–' : signed(reward)}</b> <span>for the proposer</span>
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
  if (purpose === 'seed') return ['seed', '']
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
        <h3>The proposer is rewarded</h3>
        <Worth stage={stage} />
      </div>
    </div>
  )
}

const isOver = ({ reward, verdict, purpose }: Played) =>
  reward !== null || verdict !== 'accepted' || purpose === 'seed'

/**
 * The next task to show if nothing new happened: one of this step that was not shown, preferably of
 * another kind.
 */
function nextOf({ stage, recent }: Found, seen: ReadonlySet<string>): string | undefined {
  if (stage === null || !isOver(stage) || !seen.has(stage.id)) return undefined
  const fresh = recent.filter(
    ({ id, verdict, reward }) => verdict === 'accepted' && reward !== null && !seen.has(id),
  )
  return (fresh.find(({ kind }) => kind !== stage.kind) ?? fresh[0])?.id
}

/** Keeps the current task until it has been seen, then asks for the newest. */
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
            <Empty>
              {isLive.value ? 'The first task is being written.' : 'No task was written.'}
            </Empty>
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
