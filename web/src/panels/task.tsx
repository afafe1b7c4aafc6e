/** One task: its question, all answers to it, its executions, its origin. */
import { percent } from '../../../lib/formats.ts'
import type { TaskDetail } from '../api.ts'
import { colorOf, kinds, labelOf } from '../kinds.ts'
import { Await, Empty, Facts, plain, Section, Table, Text } from '../parts.tsx'
import { Python } from '../python.tsx'
import { addressOf, upTo, useFetched } from '../state.ts'
import { Answers } from './task-answers.tsx'

const toTask = (id: string) => addressOf({ panel: 'tasks', query: { task: id } })
const toRollout = (id: string) => addressOf({ panel: 'tasks', query: { rollout: id } })

const figureOf = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : String(+value.toFixed(3))
const shareOf = (value: number | null | undefined) =>
  value === null || value === undefined ? 'not estimated' : percent(value, 1)

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

/** How often a task was solved, and the proposer's reward for it. */
function Worth({ found, answers }: { found: TaskDetail; answers: TaskDetail['answers'] }) {
  const { proposal, worth } = found
  const judged = answers.filter(({ verdict }) => verdict !== null && verdict !== 'ungraded')
  const right = judged.filter(({ verdict }) => verdict === 'correct').length
  const facts: [string, string][] = [
    ['success rate', shareOf(worth?.successRate)],
    ['reward of the proposer', figureOf(worth?.reward)],
    ['learnability', figureOf(worth?.learnability)],
    ['advantage', figureOf(proposal?.advantage)],
    ['answers', judged.length === 0 ? 'none yet' : `${right} of ${judged.length} right`],
  ]
  return <Facts class="figures worth" facts={facts} />
}

type Ancestor = TaskDetail['ancestry'][number]

const inLine = (program: string | null) =>
  plain((program ?? '').slice(0, 80)).replaceAll('\n', ' ⏎ ')

/** A parent outside of the tree: a function of the user's own code, or an older task. */
function Older({ function: own }: { function: TaskDetail['functions'][number] | undefined }) {
  if (!own) return <li class="dim">older, not shown</li>
  return (
    <li>
      your own code, {plain(own.file)}:{own.line} <code>{inLine(own.program)}</code>
    </li>
  )
}

/**
 * A task in the tree, with its parents below it. A task that is already in the tree is only named.
 */
function Branch({
  hash,
  of,
  functions,
  seen,
}: {
  hash: string
  of: Map<string, Ancestor>
  functions: TaskDetail['functions']
  seen: Set<string>
}) {
  const found = of.get(hash)
  if (!found) return <Older function={functions.find(one => one.hash === hash)} />
  const { id, kind, step, program, parents } = found
  const isRepeated = seen.has(hash)
  seen.add(hash)
  return (
    <li>
      <a href={toTask(id)} class={`of-${colorOf(kind)}`}>
        {labelOf(kind)}, step {step}
        {parents.length === 0 && ', seed'}
      </a>{' '}
      <code>{inLine(program)}</code>
      {isRepeated && parents.length > 0 && <span class="dim"> (its parents are listed above)</span>}
      {!isRepeated && parents.length > 0 && (
        <ul>
          {parents.map(parent => (
            <Branch key={parent} hash={parent} of={of} functions={functions} seen={seen} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** The ancestors of a task: those in its prompt, up to the seeds, which have none. */
function Ancestry({ found }: { found: TaskDetail }) {
  const parents = [...new Set(found.parents.map(({ hash }) => hash))]
  if (parents.length === 0) return <Empty>It is a seed: its prompt had no tasks.</Empty>
  const of = new Map(found.ancestry.map(one => [one.hash, one]))
  const seen = new Set<string>()
  return (
    <ul class="ancestry">
      {parents.map(hash => (
        <Branch key={hash} hash={hash} of={of} functions={found.functions} seen={seen} />
      ))}
    </ul>
  )
}

export function Executions({ executions }: { executions: TaskDetail['executions'] }) {
  if (executions.length === 0) return <Empty>No program was run for it.</Empty>
  return (
    <Table heads={['input', 'outcome', 'output', 'CPU']} numbers={['CPU']}>
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

/** Links back to the list. The browser's own 'back' keeps its filters, this link drops them. */
export const BackTo = ({ list }: { list: 'tasks' | 'rollouts' }) => (
  <>
    {history.length > 1 && (
      <button type="button" class="quiet" onClick={() => history.back()}>
        ← back
      </button>
    )}{' '}
    <a href={addressOf({ panel: 'tasks', query: list === 'rollouts' ? { list } : {} })}>
      all {list}
    </a>
  </>
)

export function TaskView({ id }: { id: string }) {
  const asked = useFetched((ask, run) => ask.task(run, id), [id])
  return (
    <>
      <p class="crumbs">
        <BackTo list="tasks" />
      </p>
      <Await of={asked}>
        {found => {
          const { task, answers: all, executions, proposal } = found
          // An id begins with its step. Leave out answers of steps after the one that the page
          // shows.
          const answers = all.filter(one => Number(one.id.slice(0, 6)) <= upTo.value)
          return (
            <>
              <Section
                title={`A task of ${labelOf(task.kind)}, step ${task.step}: ${task.verdict}`}
              >
                {task.reason && <p class="failed">{plain(task.reason)}</p>}
                <Worth found={found} answers={answers} />
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
              <Section title={answers.length === 1 ? '1 answer' : `${answers.length} answers`}>
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
