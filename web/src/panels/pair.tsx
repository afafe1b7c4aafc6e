/** Two answers side by side, with their common beginning marked. */
import { percent } from '../../../lib/formats.ts'
import type { RolloutDetail } from '../api.ts'
import { labelOf } from '../kinds.ts'
import { Await, Section } from '../parts.tsx'
import { addressOf, useFetched } from '../state.ts'
import { Facts, Tokens } from './rollout.tsx'
import { BackTo } from './task.tsx'

/** The number of tokens with which both begin. */
export function sharedBeginning(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((id, i) => id !== b[i])
  return at < 0 ? a.length : at
}

type SideProps = {
  found: RolloutDetail
  /** The number of leading tokens that both answers share, and whether the answers are equal. */
  same: number
  isSame: boolean
}

function Side({ found, same, isSame }: SideProps) {
  const { rollout, logprobs, ids } = found
  const parted = logprobs[same]
  const isWhole = same === ids.length
  return (
    <article>
      <h3>
        <a href={addressOf({ panel: 'tasks', query: { rollout: rollout.id } })}>{rollout.id}</a>
      </h3>
      <Facts found={found} />
      <p class="dim">
        {isSame && 'Both answers are equal.'}
        {!isSame && isWhole && 'It ends here, and the other continues.'}
        {!isSame &&
          !isWhole &&
          'From here it differs: this token had a probability of ' +
            `${percent(Math.exp(parted ?? 0), 1)}.`}
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
      <p class="crumbs">
        <BackTo list="rollouts" />
      </p>
      <Await of={found}>
        {([one, two]) => {
          if (!one || !two) return null
          const same = sharedBeginning(one.ids, two.ids)
          const isSame = same === one.ids.length && same === two.ids.length
          const shared = same === 1 ? 'Their first token is' : `Their first ${same} tokens are`
          const task = one.rollout.taskHash
          return (
            <Section title={`Two answers, ${labelOf(one.rollout.kind)}`}>
              <p>
                {same === 0 ? 'They differ from the first token' : `${shared} the same`}
                {one.prompt === two.prompt ? ', and both have the same prompt.' : '.'}{' '}
                {task && <a href={addressOf({ query: { task } })}>their task</a>}
              </p>
              <div class="pair">
                <Side found={one} same={same} isSame={isSame} />
                <Side found={two} same={same} isSame={isSame} />
              </div>
            </Section>
          )
        }}
      </Await>
    </>
  )
}
