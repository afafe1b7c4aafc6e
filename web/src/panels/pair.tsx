/** Two answers side by side: what they share at their beginning, and where they part. */
import { percent } from '../../../lib/formats.ts'
import type { RolloutDetail } from '../api.ts'
import { labelOf } from '../kinds.ts'
import { Await, Section } from '../parts.tsx'
import { addressOf, useFetched } from '../state.ts'
import { Facts, Tokens } from './rollout.tsx'
import { BackTo } from './task.tsx'

/** Tokens that both begin with. */
export function sharedBeginning(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((id, i) => id !== b[i])
  return at < 0 ? a.length : at
}

function Side({ found, same }: { found: RolloutDetail; same: number }) {
  const { rollout, logprobs } = found
  const parted = logprobs[same]
  return (
    <article>
      <h3>
        <a href={addressOf({ panel: 'tasks', query: { rollout: rollout.id } })}>{rollout.id}</a>
      </h3>
      <Facts found={found} />
      <p class="dim">
        {parted === undefined
          ? 'It ends where the other goes on.'
          : `It parts at a token of ${percent(Math.exp(parted), 1)}.`}
      </p>
      <Tokens found={found} same={same} />
    </article>
  )
}

export function Pair({ ids }: { ids: [string, string] }) {
  const found = useFetched(
    async (ask, run) => Promise.all(ids.map(id => ask.rollout(run, id))),
    [ids],
  )
  return (
    <>
      <p>
        <BackTo list="rollouts" />
      </p>
      <Await of={found}>
        {([one, two]) => {
          if (!one || !two) return null
          const same = sharedBeginning(one.ids, two.ids)
          const task = one.rollout.taskHash
          return (
            <Section title={`Two answers, ${labelOf(one.rollout.kind)}`}>
              <p>
                Their first {same} tokens are the same
                {one.prompt === two.prompt ? ', and so is what they were asked.' : '.'}{' '}
                {task && <a href={addressOf({ query: { task } })}>their task</a>}
              </p>
              <div class="pair">
                <Side found={one} same={same} />
                <Side found={two} same={same} />
              </div>
            </Section>
          )
        }}
      </Await>
    </>
  )
}
