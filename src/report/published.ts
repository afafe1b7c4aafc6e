/** The paper's results (arXiv 2505.03335, table 1), pass@1 in percent. */
import type { Facts } from './facts.ts'

/** Whether the run's scores may be compared with the paper's. Both reports print it. */
export function comparability({ evaluations, run }: Pick<Facts, 'evaluations' | 'run'>): string {
  const { evaluate } = run.config as { evaluate?: { template?: string } }
  const cut = evaluations.reduce((sum, row) => sum + row.cut, 0)
  const ours = cut > 0 ? `; ${cut} of our answers were cut by their length` : ''
  return (
    "The paper's own rows (arXiv 2505.03335, table 1): other models, other prompts, measured there and " +
    `not here. Ours were asked with template ${evaluate?.template ?? 'azr'}${ours}.`
  )
}

export const publishedSuites = [
  'humanevalplus',
  'mbppplus',
  'livecodebench',
  'aime24',
  'aime25',
  'amc23',
  'math500',
  'minerva_math',
  'olympiadbench',
] as const

export const publishedRows: { model: string; scores: number[] }[] = [
  { model: 'Qwen2.5-7B', scores: [73.2, 65.3, 17.5, 6.7, 3.3, 37.5, 64.8, 25.0, 27.7] },
  { model: 'Qwen2.5-7B-Coder', scores: [80.5, 69.3, 19.9, 6.7, 3.3, 40.0, 54.0, 17.3, 21.9] },
  { model: 'AZR from Qwen2.5-7B', scores: [71.3, 69.1, 25.3, 13.3, 13.3, 52.5, 74.4, 38.2, 38.5] },
  {
    model: 'AZR from Qwen2.5-7B-Coder',
    scores: [83.5, 69.6, 31.7, 20.0, 10.0, 57.5, 72.6, 36.4, 38.2],
  },
]
