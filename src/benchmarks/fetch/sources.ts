/**
 * Where the benchmarks come from: public home, licence, and the size and SHA-256 that each file of a
 * download has to have.
 */
import type { SuiteName } from '../specs.ts'

export type Pin = { url: string; size: number; sha256: string }
/** Files that make up a set; none: it comes with azr. */
export type Source = { licence: string; home: string; pins: Pin[] }

/** A commit of the paper's own repository, which has the sets as it scored them. */
const paper =
  'https://raw.githubusercontent.com/LeapLabTHU/Absolute-Zero-Reasoner/' +
  'a82124e514e27692aa9860c5ee21dbf9d81e3bc5/evaluation/math_eval/eval/data'
const crux =
  'https://raw.githubusercontent.com/facebookresearch/cruxeval/' +
  '190faf16d175b5847b0af05d937872b1fb395942/data/cruxeval.jsonl'

const math = (name: string, licence: string, size: number, sha256: string): Source => {
  const url = `${paper}/${name}/test.jsonl`
  return { licence, home: url, pins: [{ url, size, sha256 }] }
}

const cruxeval: Source = {
  licence: 'MIT',
  home: 'https://github.com/facebookresearch/cruxeval',
  pins: [
    {
      url: crux,
      size: 186_873,
      sha256: '8368b81047dc5014e4caf5a2f97604eff7644e0ecd7415e3ceeb184bbc2e0c96',
    },
  ],
}

/** The file of a release, at the commit that it was made from. */
const evalplus = (repository: string, path: string, size: number, sha256: string): Source => {
  const url = `https://raw.githubusercontent.com/evalplus/${repository}/${path}`
  return {
    licence: repository.startsWith('mbpp') ? 'Apache-2.0 (MBPP: CC BY 4.0)' : 'Apache-2.0',
    home: `https://github.com/evalplus/${repository}`,
    pins: [{ url, size, sha256 }],
  }
}

/** `release_v5` is the first five files; sizes and sums are those of its hub's own records. */
const contests =
  'https://huggingface.co/datasets/livecodebench/code_generation_lite/resolve/' +
  '0fe84c3912ea0c4d4a78037083943e8f0c4dd505'
const contest = (file: string, size: number, sha256: string): Pin => {
  return { url: `${contests}/${file}`, size, sha256 }
}
const livecodebench = [
  contest(
    'test.jsonl',
    1_252_609_773,
    '2bd02b38beb48e8c46b5b9987095d999ff38cd8efc255ea5d58974317c48f63f',
  ),
  contest(
    'test2.jsonl',
    713_377_060,
    '095df7c5daf15f882c51a9deb84085cff1e073495a5dbcf95015a564d485f3a3',
  ),
  contest(
    'test3.jsonl',
    623_360_766,
    '28ed26cc83363ce3f1fe2d5fad9f8393077beb1907b167a31bd3b32f80801b79',
  ),
  contest(
    'test4.jsonl',
    1_204_644_685,
    'd711138ddaebfcf5f8ec6a4283ee677298c0f5c5d374a235af92aaf0584510da',
  ),
  contest(
    'test5.jsonl',
    557_699_297,
    '7f77571c2a6df0c2a72a3277650309f67e01e0008e18117e624633df53f81214',
  ),
]

const own: Source = { licence: 'Apache-2.0', home: 'comes with azr', pins: [] }

export const sources: Record<SuiteName, Source> = {
  humanevalplus: evalplus(
    'humanevalplus_release',
    '200defce9e3429d28ca215b6dd061c0f7f31c18b/HumanEvalPlus.jsonl.gz',
    925_932,
    '272720b90ac375502c8ed23cd791c2a93dfb22a911641a494da74a426c09f101',
  ),
  mbppplus: evalplus(
    'mbppplus_release',
    '64fc4195b858a17cdfdb3324f0baf37939144e14/MbppPlus.jsonl.gz',
    336_032,
    'af43697e8791c4c149bdfd6b489d8b5412507551ac20e28a439f650b8225db63',
  ),
  livecodebench: {
    licence: 'statements belong to the contest sites; not redistributable',
    home: 'https://huggingface.co/datasets/livecodebench/code_generation_lite',
    pins: livecodebench,
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
