/** The answers to a task in a chosen order, each with its reward. Two of them can be compared. */
import { useState } from 'preact/hooks'
import type { TaskDetail } from '../api.ts'
import { Empty, plain, Text } from '../parts.tsx'
import { addressOf } from '../state.ts'

type Answer = TaskDetail['answers'][number]

const orders: Record<string, (a: Answer, b: Answer) => number> = {
  'in order of arrival': (a, b) => (a.id < b.id ? -1 : 1),
  'best reward first': (a, b) => (b.reward ?? -9) - (a.reward ?? -9),
  'largest advantage first': (a, b) => (b.advantage ?? -99) - (a.advantage ?? -99),
  'shortest first': (a, b) => a.tokens - b.tokens,
}
const figure = (value: number) => String(+value.toFixed(3))

function One({
  answer,
  isChosen,
  choose,
}: {
  answer: Answer
  isChosen: boolean
  choose: () => void
}) {
  const { id, verdict, purpose, text, policyVersion, reason, reward, advantage, tokens } = answer
  const tone = verdict === 'correct' ? 'right' : verdict === 'wrong' ? 'wrong' : ''
  return (
    <li class={tone}>
      <a href={addressOf({ panel: 'tasks', query: { rollout: id } })}>{verdict ?? 'not judged'}</a>{' '}
      <span>
        {purpose}, policy {policyVersion}, {tokens} {tokens === 1 ? 'token' : 'tokens'}
        {reward !== null && `, reward ${figure(reward)}`}
        {advantage !== null && `, advantage ${figure(advantage)}`}
        {reason && `: ${plain(reason)}`}
      </span>
      <label class="choose">
        <input type="checkbox" checked={isChosen} onChange={choose} /> compare
      </label>
      <Text text={text} />
    </li>
  )
}

export function Answers({ answers }: { answers: readonly Answer[] }) {
  const [order, setOrder] = useState('in order of arrival')
  const [chosen, setChosen] = useState<string[]>([])
  if (answers.length === 0) return <Empty>It has no answers yet.</Empty>
  // Keeps the last two that were selected.
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter(one => one !== id) : [...chosen, id].slice(-2))
  const [rollout = '', beside = ''] = chosen
  return (
    <>
      <div class="filters">
        <label>
          order{' '}
          <select value={order} onChange={event => setOrder(event.currentTarget.value)}>
            {Object.keys(orders).map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {chosen.length === 2 ? (
          <a class="button" href={addressOf({ panel: 'tasks', query: { rollout, beside } })}>
            compare the two
          </a>
        ) : (
          <span class="dim">Choose two to see them side by side.</span>
        )}
      </div>
      <ul class="answers">
        {answers.toSorted(orders[order]).map(answer => (
          <One
            key={answer.id}
            answer={answer}
            isChosen={chosen.includes(answer.id)}
            choose={() => toggle(answer.id)}
          />
        ))}
      </ul>
    </>
  )
}
