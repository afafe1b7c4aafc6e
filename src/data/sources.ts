/**
 * Where the benchmarks come from: public home, licence, and the size and SHA-256 that a download has
 * to have. Sets without a pin are not ours to fetch: they are taken from a folder (`--from`).
 */
import type { SuiteName } from '../grading/suites.ts'

export type Pin = { url: string; size: number; sha256: string }
export type Source = { licence: string; home: string; pin: Pin | null; note?: string }

/** A commit of the paper's own repository, which has the sets as it scored them. */
const paper =
  'https://raw.githubusercontent.com/LeapLabTHU/Absolute-Zero-Reasoner/' +
  'a82124e514e27692aa9860c5ee21dbf9d81e3bc5/evaluation/math_eval/eval/data'
const crux =
  'https://raw.githubusercontent.com/facebookresearch/cruxeval/' +
  '190faf16d175b5847b0af05d937872b1fb395942/data/cruxeval.jsonl'

const math = (name: string, licence: string, size: number, sha256: string): Source => {
  const url = `${paper}/${name}/test.jsonl`
  return { licence, home: url, pin: { url, size, sha256 } }
}

const cruxeval: Source = {
  licence: 'MIT',
  home: 'https://github.com/facebookresearch/cruxeval',
  pin: {
    url: crux,
    size: 186_873,
    sha256: '8368b81047dc5014e4caf5a2f97604eff7644e0ecd7415e3ceeb184bbc2e0c96',
  },
}

const own: Source = { licence: 'Apache-2.0', home: 'comes with azr', pin: null }
const byHand = 'put the normalised file in a folder and name it: azr data fetch NAME --from DIR'

export const sources: Record<SuiteName, Source> = {
  humanevalplus: {
    licence: 'Apache-2.0',
    home: 'https://github.com/evalplus/humanevalplus_release',
    pin: null,
    note: byHand,
  },
  mbppplus: {
    licence: 'Apache-2.0 (MBPP: CC BY 4.0)',
    home: 'https://github.com/evalplus/mbppplus_release',
    pin: null,
    note: byHand,
  },
  livecodebench: {
    licence: 'statements belong to the contest sites; not redistributable',
    home: 'https://huggingface.co/datasets/livecodebench/code_generation_lite',
    pin: null,
    note: 'download test.jsonl to test5.jsonl (release_v5) yourself, then use --from DIR',
  },
  aime24: math(
    'aime24',
    'problems (c) MAA',
    156_944,
    'af2b8bd2aa911b6333ad0df32f3ca05c7ae8ed10f1731f4372c8ae26990bf7ac',
  ),
  aime25: math(
    'aime25',
    'problems (c) MAA',
    15_961,
    '20c1ca392758d96bd1e28af15d9f30df5660257927cacc9eac7301c29f677d1a',
  ),
  amc23: math(
    'amc23',
    'problems (c) MAA',
    27_631,
    '43707e1ca784602d8479de24ee8ce36609dbebc46dd152b0b12a46611aa898a4',
  ),
  math500: math(
    'math500',
    'MIT',
    446_564,
    '35dc41080a3680858b27fa7e0533d2d547825316fc5dafe5d316f4ccc5a06132',
  ),
  minerva_math: math(
    'minerva_math',
    'content CC BY-NC-SA 4.0',
    247_267,
    '0e656b430d3a0a1dab6aa853f453ba3805e28e2cabe4fc72486a897cc09d8ba2',
  ),
  olympiadbench: math(
    'olympiadbench',
    'MIT',
    1_493_870,
    'bb8c1e38a16ea9eacb77530315a674d883f267fbff79183effc53681b4fcc416',
  ),
  cruxeval_i: cruxeval,
  cruxeval_o: cruxeval,
  'micro-easy': own,
  'micro-hard': own,
}
