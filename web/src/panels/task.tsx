/** One task: what it asks, all answers to it, its executions, where it came from. */
import type { TaskDetail } from '../api.ts'
import { colorOf, kinds, labelOf } from '../kinds.ts'
import { Await, Empty, plain, Section, Table, Text } from '../parts.tsx'
import { Python } from '../python.tsx'
import { addressOf, upTo, useFetched } from '../state.ts'

const toTask = (id: string) => addressOf({ panel: 'tasks', query: { task: id } })
const toRollout = (id: string) => addressOf({ panel: 'tasks', query: { rollout: id } })

function Pairs({ task }: { task: TaskDetail['task'] }) {
  const { shownShare = 1 } = kinds.value.find(({ name }) => name === task.kind) ?? {}
  const shown = Math.floor(task.pairs.length * shownShare)
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">input</th>
            <th scope="col">output</th>
            {shownShare < 1 && <th scope="col">is</th>}
          </tr>
        </thead>
        <tbody>
          {task.pairs.map(({ input, output }, i) => (
            <tr key={i}>
              <td>
                <Text text={`f(${input})`} />
              </td>
              <td>
                <Text text={output} />
              </td>
              {shownShare < 1 && <td>{i < shown ? 'shown' : 'hidden'}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Answers({ answers }: { answers: TaskDetail['answers'] }) {
  if (answers.length === 0) return <Empty>Nobody was asked yet.</Empty>
  return (
    <ul class="answers">
      {answers.map(({ id, verdict, purpose, text, policyVersion, reason }) => (
        <li key={id} class={verdict === 'correct' ? 'right' : verdict === 'wrong' ? 'wrong' : ''}>
          <a href={toRollout(id)}>{verdict ?? 'not judged'}</a>{' '}
          <span>
            {purpose}, policy {policyVersion}
            {reason && `: ${plain(reason)}`}
          </span>
          <Text text={text} />
        </li>
      ))}
    </ul>
  )
}

type Ancestor = TaskDetail['ancestry'][number]

/** A task of the tree with its parents below it; one that stands above already is only named. */
function Branch({
  hash,
  of,
  seen,
}: {
  hash: string
  of: Map<string, Ancestor>
  seen: Set<string>
}) {
  const found = of.get(hash)
  if (!found) return <li class="dim">older, not shown</li>
  const { id, kind, step, program, parents } = found
  const isRepeated = seen.has(hash)
  seen.add(hash)
  return (
    <li>
      <a href={toTask(id)} class={`of-${colorOf(kind)}`}>
        {labelOf(kind)}, step {step}
        {parents.length === 0 && ', seed'}
      </a>{' '}
      <code>{plain((program ?? '').slice(0, 80)).replaceAll('\n', ' ⏎ ')}</code>
      {isRepeated && parents.length > 0 && <span class="dim"> (its parents stand above)</span>}
      {!isRepeated && parents.length > 0 && (
        <ul>
          {parents.map(parent => (
            <Branch key={parent} hash={parent} of={of} seen={seen} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** From the tasks in its prompt up to the seeds, which have no parents. */
function Ancestry({ found }: { found: TaskDetail }) {
  const parents = [...new Set(found.parents.map(({ hash }) => hash))]
  if (parents.length === 0) return <Empty>It is a seed: no task stood in its prompt.</Empty>
  const of = new Map(found.ancestry.map(one => [one.hash, one]))
  const seen = new Set<string>()
  return (
    <ul class="ancestry">
      {parents.map(hash => (
        <Branch key={hash} hash={hash} of={of} seen={seen} />
      ))}
    </ul>
  )
}

export function Executions({ executions }: { executions: TaskDetail['executions'] }) {
  if (executions.length === 0) return <Empty>Nothing was executed for it.</Empty>
  return (
    <Table heads={['input', 'outcome', 'output', 'CPU']}>
      {executions.map(({ id, input, outcome, output, error, cpuMs }) => (
        <tr key={id}>
          <td>
            <Text text={input} />
          </td>
          <td>{outcome}</td>
          <td>
            <Text text={output ?? error ?? ''} />
          </td>
          <td class="number">{cpuMs.toFixed(1)} ms</td>
        </tr>
      ))}
    </Table>
  )
}

export function TaskView({ id }: { id: string }) {
  const asked = useFetched((ask, run) => ask.task(run, id), [id])
  return (
    <>
      <p>
        <a href={addressOf({ query: {} })}>← all tasks</a>
      </p>
      <Await of={asked}>
        {found => {
          const { task, answers: all, executions, proposal } = found
          // An id begins with its step: what was answered later was not known then.
          const answers = all.filter(one => Number(one.id.slice(0, 6)) <= upTo.value)
          return (
            <>
              <Section
                title={`A task of ${labelOf(task.kind)}, step ${task.step}: ${task.verdict}`}
              >
                {task.reason && <p class="failed">{plain(task.reason)}</p>}
                {task.program === null ? (
                  <Empty>No program could be read.</Empty>
                ) : (
                  <Python program={task.program} />
                )}
                {task.message && <Text text={task.message} class="asked" />}
                <Pairs task={task} />
                {proposal && (
                  <p>
                    <a href={toRollout(proposal.id)}>what the proposer wrote</a>
                  </p>
                )}
              </Section>
              <Section title={`${answers.length} answers`}>
                <Answers answers={answers} />
              </Section>
              <Section title="Ancestry">
                <Ancestry found={found} />
              </Section>
              <Section title="Executions">
                <Executions executions={executions} />
              </Section>
            </>
          )
        }}
      </Await>
    </>
  )
}
