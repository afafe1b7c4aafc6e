/** The benchmarks by name: where their items come from, under which licence, and who grades them. */

export type Family = 'evalplus' | 'livecodebench' | 'math' | 'cruxeval' | 'micro'
export type Profile = 'standard' | 'numpy' | 'mathematics'

export type SuiteSpec = {
  family: Family
  /** Folder and file name of the normalised form; micro suites come with azr. */
  folder: string
  group: 'code' | 'math' | 'crux' | 'micro'
  items: number
  about: string
}

const math = (folder: string, items: number, about: string): SuiteSpec => {
  return { family: 'math', folder, group: 'math', items, about }
}

export const suiteSpecs = {
  humanevalplus: {
    family: 'evalplus',
    folder: 'humanevalplus',
    group: 'code',
    items: 164,
    about: 'HumanEval+ v0.1.10: functions from docstrings, base and plus tests',
  },
  mbppplus: {
    family: 'evalplus',
    folder: 'mbppplus',
    group: 'code',
    items: 378,
    about: 'MBPP+ v0.2.0: functions from a sentence and one assertion',
  },
  livecodebench: {
    family: 'livecodebench',
    folder: 'livecodebench',
    group: 'code',
    items: 880,
    about: 'LiveCodeBench code generation, release_v5',
  },
  aime24: math('aime24', 30, 'AIME 2024'),
  aime25: math('aime25', 30, 'AIME 2025'),
  amc23: math('amc23', 40, 'AMC 2023'),
  math500: math('math500', 500, 'MATH500'),
  minerva_math: math('minerva_math', 272, 'Minerva Math: college physics and mathematics'),
  olympiadbench: math('olympiadbench', 675, 'OlympiadBench, text-only English mathematics'),
  cruxeval_i: {
    family: 'cruxeval',
    folder: 'cruxeval',
    group: 'crux',
    items: 800,
    about: 'CRUXEval: an input that gives the output',
  },
  cruxeval_o: {
    family: 'cruxeval',
    folder: 'cruxeval',
    group: 'crux',
    items: 800,
    about: 'CRUXEval: the output for an input',
  },
  'micro-easy': {
    family: 'micro',
    folder: '',
    group: 'micro',
    items: 0,
    about: "the embedded model's own suite, short programs",
  },
  'micro-hard': {
    family: 'micro',
    folder: '',
    group: 'micro',
    items: 0,
    about: "the embedded model's own suite, longer programs",
  },
} as const satisfies Record<string, SuiteSpec>

export type SuiteName = keyof typeof suiteSpecs
export const suiteNames = Object.keys(suiteSpecs) as SuiteName[]
export const isSuite = (name: string): name is SuiteName => Object.hasOwn(suiteSpecs, name)

/** What programs of a family may import: models write numpy, math-verify needs sympy. */
export const profileOf = (family: Family): Profile =>
  ({
    evalplus: 'numpy',
    livecodebench: 'numpy',
    math: 'mathematics',
    cruxeval: 'standard',
    micro: 'standard',
  })[family] as Profile
