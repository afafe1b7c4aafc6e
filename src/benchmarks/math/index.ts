/** Mathematics: problems with one answer, as the paper's own repository has them. */
import { frame } from '../../../domain/prompts/r1.ts'
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

/** A commit of the paper's own repository, which has the problems as it scored them. */
const paper =
  'https://raw.githubusercontent.com/LeapLabTHU/Absolute-Zero-Reasoner/' +
  'a82124e514e27692aa9860c5ee21dbf9d81e3bc5/evaluation/math_eval/eval/data'

type Own = Reading & {
  about: string
  licence: string
  size: number
  sha256: string
  /** Whether units are part of its answers. */
  keepsUnits?: boolean
}

function benchmark(own: Own): OwnBenchmark<MathItem> {
  const { name, about, licence, size, sha256, keepsUnits = false } = own
  const url = `${paper}/${name}/test.jsonl`
  return {
    name,
    about,
    group: 'math',
    profile: 'mathematics',
    isInWords: true,
    source: {
      licence,
      home: url,
      pins: [{ url, size, sha256 }],
      folder: name,
      convert: path => convert(own, path),
    },
    items: ({ folder }) => readItems(name, folder, readMathItem),
    prompt: ({ problem }) =>
      frame(`${problem}\n\nPut the final answer, and nothing else, inside \\boxed{}.`),
    grade: (item, completion, tools) => gradeProblem({ item, completion, keepsUnits }, tools),
    comparison: { isCode: false, textOf: ({ problem }) => problem },
  }
}

export const math = [
  benchmark({
    name: 'aime24',
    about: 'AIME 2024',
    licence: 'problems (c) MAA',
    size: 156_944,
    sha256: 'af2b8bd2aa911b6333ad0df32f3ca05c7ae8ed10f1731f4372c8ae26990bf7ac',
  }),
  benchmark({
    name: 'aime25',
    about: 'AIME 2025',
    licence: 'problems (c) MAA',
    size: 15_961,
    sha256: '20c1ca392758d96bd1e28af15d9f30df5660257927cacc9eac7301c29f677d1a',
    repair: withBackslashes,
  }),
  benchmark({
    name: 'amc23',
    about: 'AMC 2023',
    licence: 'problems (c) MAA',
    size: 27_631,
    sha256: '43707e1ca784602d8479de24ee8ce36609dbebc46dd152b0b12a46611aa898a4',
  }),
  benchmark({
    name: 'math500',
    about: 'MATH500',
    licence: 'MIT',
    size: 446_564,
    sha256: '35dc41080a3680858b27fa7e0533d2d547825316fc5dafe5d316f4ccc5a06132',
    referenceOf: fromSolution,
    clean: cleanTwice,
  }),
  benchmark({
    name: 'minerva_math',
    about: 'Minerva Math: college physics and mathematics',
    licence: 'content CC BY-NC-SA 4.0',
    size: 247_267,
    sha256: '0e656b430d3a0a1dab6aa853f453ba3805e28e2cabe4fc72486a897cc09d8ba2',
    referenceOf: fromSolution,
    clean: reference => stripAnswer(reference, true),
    keepsUnits: true,
  }),
  benchmark({
    name: 'olympiadbench',
    about: 'OlympiadBench, text-only English mathematics',
    licence: 'MIT',
    size: 1_493_870,
    sha256: 'bb8c1e38a16ea9eacb77530315a674d883f267fbff79183effc53681b4fcc416',
    referenceOf: fromFinalAnswer,
  }),
]
