/** One rollout: its prompt, its tokens with their log-probabilities, its grade, its update. */

import { useState } from 'preact/hooks'
import { percent } from '../../../lib/formats.ts'
import type { RolloutDetail } from '../api.ts'
import { labelOf } from '../kinds.ts'
import { Await, Empty, plain, Section, Table, Text } from '../parts.tsx'
import { addressOf, useFetched } from '../state.ts'
import { BackTo, Executions } from './task.tsx'

const mostTokens = 4000

/** The less likely a token was, the stronger its colour. */
const tier = (logprob: number) => Math.min(4, Math.floor(-logprob / 0.7))

type Token = { id: number; logprob: number; text: string | null }
const shareOf = (logprob: number) => percent(Math.exp(logprob), 1)

/**
 * The figures of the tokens as a table, for keyboard and screen readers. Its rows are made on
 * request.
 */
function TokenTable({ tokens }: { tokens: Token[] }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details onToggle={event => setIsOpen(event.currentTarget.open)}>
      <summary>the probability of each token</summary>
      {isOpen && (
        <Table heads={['token', 'probability', 'log', 'id']} numbers={['probability', 'log', 'id']}>
          {tokens.map(({ id, logprob, text }, i) => (
            <tr key={i}>
              <td>
                <code>{text === null ? id : plain(JSON.stringify(text))}</code>
              </td>
              <td class="number">{shareOf(logprob)}</td>
              <td class="number">{logprob.toFixed(3)}</td>
              <td class="number">{id}</td>
            </tr>
          ))}
        </Table>
      )}
    </details>
  )
}

/** `same` is the number of tokens at the beginning that the other answer has too. */
export function Tokens({ found, same = 0 }: { found: RolloutDetail; same?: number }) {
  const { ids, logprobs, tokens } = found
  const shown = ids.slice(0, mostTokens).map((id, i): Token => {
    return { id, logprob: logprobs[i] ?? 0, text: tokens?.[i] ?? null }
  })
  const sure = logprobs.reduce((sum, value) => sum + value, 0) / (logprobs.length || 1)
  return (
    <>
      <pre class="tokens">
        {shown.map(({ id, logprob, text }, i) => (
          <span
            key={i}
            class={`tier-${tier(logprob)}${i < same ? ' same' : ''}`}
            title={`${shareOf(logprob)}, log ${logprob.toFixed(3)}, id ${id}`}
          >
            {text === null ? `${id} ` : plain(text)}
          </span>
        ))}
      </pre>
      <p class="dim">
        {ids.length === 1 ? '1 token' : `${ids.length} tokens`}
        {ids.length > mostTokens && `, of which the first ${mostTokens} are shown`}, mean
        log-probability {sure.toFixed(3)}. Point at a token for its own; the stronger its colour,
        the less likely it was.
        {tokens === null && ' The vocabulary cannot be read: these are ids.'}
      </p>
      <TokenTable tokens={shown} />
    </>
  )
}

export function Facts({ found }: { found: RolloutDetail }) {
  const { rollout, grade, advantage } = found
  const facts: [string, string][] = [
    ['verdict', grade?.verdict ?? 'none'],
    ['reason', plain(grade?.reason ?? '')],
    ['read as', plain((grade?.parsed ?? '').slice(0, 400))],
    ['reward', grade?.reward?.toFixed(3) ?? 'none'],
    ['success rate', grade?.successRate?.toFixed(3) ?? ''],
    ['advantage', advantage?.toFixed(3) ?? 'not trained on'],
    ['finished by', rollout.finishReason],
    ['policy', String(rollout.policyVersion)],
    ['temperature', String(rollout.temperature)],
    ['seed', String(rollout.seed)],
  ]
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

export function RolloutView({ id }: { id: string }) {
  const found = useFetched((ask, run) => ask.rollout(run, id), [id])
  return (
    <>
      <p class="crumbs">
        <BackTo list="rollouts" />
      </p>
      <Await of={found}>
        {one => {
          const { rollout } = one
          const task = rollout.role === 'proposer' ? rollout.id : rollout.taskHash
          return (
            <>
              <Section
                title={`${rollout.role}, ${labelOf(rollout.kind)}, ${rollout.purpose} at step ${rollout.step}`}
              >
                <Facts found={one} />
                {one.ids.length === 0 ? <Empty>No token.</Empty> : <Tokens found={one} />}
                {task && (
                  <p>
                    <a href={addressOf({ query: { task } })}>its task</a>
                  </p>
                )}
              </Section>
              <Section title="Prompt">
                <Text text={one.prompt} class="python" />
              </Section>
              <Section title="Executions">
                <Executions executions={one.executions} />
              </Section>
            </>
          )
        }}
      </Await>
    </>
  )
}
