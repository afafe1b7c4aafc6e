/** How the model writes: lengths, plans before code, complexity, and texts that look worrying. */
import type { Behaviour as Found } from '../api.ts'
import { Chart, ChartControls, type Series } from '../chart/index.tsx'
import { colorOf, kinds, perKind } from '../kinds.ts'
import { selfPlay } from '../links.ts'
import { Await, Empty, plain, Section } from '../parts.tsx'
import { addressOf, until, useFetched } from '../state.ts'
import { type Curve, Curves } from './curves.tsx'

const roles = ['proposer', 'solver'] as const

function planned(found: Found, role: string): Series[] {
  return kinds.value.map(({ name: kind, label }) => ({
    name: label,
    color: colorOf(kind),
    query: { ...selfPlay, plans: 'yes', role, kind },
    points: found.manners
      .filter(one => one.role === role && one.kind === kind && one.texts > 0)
      .map(({ step, texts, planned }) => [step, planned / texts] as const),
  }))
}

function Worries({ found }: { found: Found }) {
  const { worries: shown, worried, words } = found
  return (
    <>
      <p class="dim">
        {worried} of the checked texts contain one of the words in health.words:{' '}
        {words.map((word, i) => (
          <>
            {i > 0 && ', '}
            <a href={addressOf({ panel: 'tasks', query: { ...selfPlay, text: word } })}>
              {plain(word)}
            </a>
          </>
        ))}
      </p>
      {shown.length === 0 ? (
        <Empty>No text looks worrying.</Empty>
      ) : (
        <ul class="answers">
          {shown.map(({ id, step, word, excerpt }) => (
            <li key={id} class="wrong">
              <a href={addressOf({ panel: 'tasks', query: { rollout: id } })}>
                step {step}: {plain(word)}
              </a>
              <pre>{plain(excerpt)}</pre>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

const forms = (): Curve[] => [
  {
    title: 'Length of answers',
    names: perKind('length.solver'),
    isShare: false,
    unit: 'tokens',
  },
  {
    title: 'Length of proposals',
    names: perKind('length.proposer'),
    isShare: false,
    unit: 'tokens',
  },
  { title: 'Answers cut off', names: perKind('truncated.solver'), unit: 'share of answers' },
  { title: 'Proposals cut off', names: perKind('truncated.proposer'), unit: 'share of proposals' },
  {
    title: 'Complexity of programs',
    names: perKind('complexity'),
    isShare: false,
    unit: 'complexity',
  },
  {
    title: 'Diversity of tasks',
    names: perKind('editDistance'),
    isShare: false,
    unit: 'AST distance',
  },
]

export function Behaviour() {
  const at = until.value ?? undefined
  const behaviour = useFetched((ask, id) => ask.behaviour(id, at))
  const metrics = useFetched((ask, id) =>
    ask.metrics(id, 'length.*,complexity.*,editDistance.*,truncated.*'),
  )
  return (
    <>
      <ChartControls />
      <Section title="Plans before code">
        <p class="dim">
          Share of texts whose working or comments come before the code, in up to 50 texts of a
          role, a kind and a step.
        </p>
        <Await of={behaviour}>
          {found => (
            <div class="charts">
              {roles.map(role => (
                <Chart
                  key={role}
                  title={`Plans of the ${role}`}
                  unit="share of texts"
                  series={planned(found, role)}
                />
              ))}
            </div>
          )}
        </Await>
      </Section>
      <Section title="Length and form">
        <Await of={metrics}>{found => <Curves found={found} curves={forms()} />}</Await>
      </Section>
      <Section title="Texts that look worrying">
        <Await of={behaviour}>{found => <Worries found={found} />}</Await>
      </Section>
    </>
  )
}
