/** Mathematics: problems with one answer, from the paper's own repository. */
import type { OwnBenchmark } from '../own.ts'
import { readItems } from '../read.ts'
import {
  cleanTwice,
  convert,
  fromFinalAnswer,
  fromSolution,
  type Reading,
  withBackslashes,
} from './convert.ts'
import { gradeProblem, type MathItem, readMathItem } from './grade.ts'
import { stripAnswer } from './strip.ts'

/** A commit of the paper's repository, which has the problems as it scored them. */
const paper =
  'https://raw.githubusercontent.com/LeapLabTHU/Absolute-Zero-Reasoner/' +
  'a82124e514e27692aa9860c5ee21dbf9d81e3bc5/evaluation/math_eval/eval/data'

/** Size and SHA-256 of each `NAME/test.jsonl`. */
const pins = {
  aime24: [156_944, 'af2b8bd2aa911b6333ad0df32f3ca05c7ae8ed10f1731f4372c8ae26990bf7ac'],
  aime25: [15_961, '20c1ca392758d96bd1e28af15d9f30df5660257927cacc9eac7301c29f677d1a'],
  amc23: [27_631, '43707e1ca784602d8479de24ee8ce36609dbebc46dd152b0b12a46611aa898a4'],
  math500: [446_564, '35dc41080a3680858b27fa7e0533d2d547825316fc5dafe5d316f4ccc5a06132'],
  minerva_math: [247_267, '0e656b430d3a0a1dab6aa853f453ba3805e28e2cabe4fc72486a897cc09d8ba2'],
  olympiadbench: [1_493_870, 'bb8c1e38a16ea9eacb77530315a674d883f267fbff79183effc53681b4fcc416'],
} as const

type Own = Reading & {
  name: keyof typeof pins
  about: string
  licence: string
  /** Whether units are part of its answers. */
  keepsUnits?: boolean
}

function benchmark(own: Own): OwnBenchmark<MathItem> {
  const { name, about, licence, keepsUnits = false } = own
  const [size, sha256] = pins[name]
  const url = `${paper}/${name}/test.jsonl`
  return {
    name,
    about,
    group: 'math',
    profile: 'mathematics',
    isInWords: true,
    maxTokens: 16_000,
    source: {
      licence,
      home: url,
      pins: [{ url, size, sha256 }],
      folder: name,
      convert: path => convert(own, path),
    },
    items: ({ folder }) => readItems(name, folder, readMathItem),
    prompt: ({ problem }, { frame }) =>
      frame(`${problem}\n\nPut the final answer, and nothing else, inside \\boxed{}.`),
    grade: (item, completion, tools) => gradeProblem({ item, completion, keepsUnits }, tools),
    comparison: { isCode: false, textOf: ({ problem }) => problem },
  }
}

const maa = 'problems (c) MAA'

export const math = [
  benchmark({ name: 'aime24', about: 'AIME 2024', licence: maa }),
  benchmark({ name: 'aime25', about: 'AIME 2025', licence: maa, repair: withBackslashes }),
  benchmark({ name: 'amc23', about: 'AMC 2023', licence: maa }),
  benchmark({
    name: 'math500',
    about: 'MATH500',
    licence: 'MIT',
    referenceOf: fromSolution,
    clean: cleanTwice,
  }),
  benchmark({
    name: 'minerva_math',
    about: 'Minerva Math: college physics and mathematics',
    licence: 'content CC BY-NC-SA 4.0',
    referenceOf: fromSolution,
    clean: reference => stripAnswer(reference, true),
    keepsUnits: true,
  }),
  benchmark({
    name: 'olympiadbench',
    about: 'OlympiadBench, text-only English mathematics',
    licence: 'MIT',
    referenceOf: fromFinalAnswer,
  }),
]
