/** The answers to the current task: its question, a mark for each answer, the answers in groups. */
import type { Game } from '../api.ts'
import { kinds } from '../kinds.ts'
import { Empty, plain } from '../parts.tsx'

export type Stage = NonNullable<Game['stage']>

const mostAnswers = 4
const mostPairs = 4

export const cut = (text: string, most = 120) =>
  text.length > most ? `${text.slice(0, most)}…` : text

/** The `asks` text of its kind, filled in. */
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

export function Answers({ stage }: { stage: Stage }) {
  const { verdicts, answers, verdict, purpose, expected } = stage
  const right = verdicts.filter(one => one === 'correct').length
  const judged = verdicts.filter(one => one !== null).length
  if (verdict !== 'accepted') return <Empty>It is not a valid task, so it gets no answers.</Empty>
  if (purpose === 'seed')
    return <Empty>It is a seed task, which is answered once self-play has begun.</Empty>
  return (
    <>
      <p class="asked">{plain(questionOf(stage))}</p>
      <Dots stage={stage} />
      <p class="count">
        {judged === 0
          ? `0 of ${expected} answers so far`
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
