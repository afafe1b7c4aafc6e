/** LiveCodeBench: programs and methods for contest problems, selected by date. */
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import { fence } from '../../../domain/prompts/reading.ts'
import type { OwnBenchmark, Source } from '../own.ts'
import { codeWanted } from '../prompts.ts'
import { execution } from './execution.ts'
import { gradeContest } from './grade.ts'
import { type LivecodebenchItem, readContests } from './item.ts'

const hub =
  'https://huggingface.co/datasets/livecodebench/code_generation_lite/resolve/' +
  '0fe84c3912ea0c4d4a78037083943e8f0c4dd505'

/** `release_v5` is the first five files. Sizes and sums are those of the hub's records. */
const files = [
  [1_252_609_773, '2bd02b38beb48e8c46b5b9987095d999ff38cd8efc255ea5d58974317c48f63f'],
  [713_377_060, '095df7c5daf15f882c51a9deb84085cff1e073495a5dbcf95015a564d485f3a3'],
  [623_360_766, '28ed26cc83363ce3f1fe2d5fad9f8393077beb1907b167a31bd3b32f80801b79'],
  [1_204_644_685, 'd711138ddaebfcf5f8ec6a4283ee677298c0f5c5d374a235af92aaf0584510da'],
  [557_699_297, '7f77571c2a6df0c2a72a3277650309f67e01e0008e18117e624633df53f81214'],
] as const

const source: Source = {
  licence: 'statements belong to the contest sites; not redistributable',
  home: 'https://huggingface.co/datasets/livecodebench/code_generation_lite',
  pins: files.map(([size, sha256], i) => {
    return { url: `${hub}/test${i === 0 ? '' : i + 1}.jsonl`, size, sha256 }
  }),
  folder: 'livecodebench',
  published: /^test\d*\.jsonl$/,
}

function promptOf({ question, starter }: LivecodebenchItem, { frame }: Dialect): string {
  const how = starter.trim()
    ? `Begin with this code and keep its names.\n\n${fence('python', starter.trimEnd())}`
    : 'The program reads standard input and prints to standard output.'
  return frame(
    `Write a Python program that solves this problem. ${codeWanted} ${how}\n\n${question}`,
  )
}

const benchmark: OwnBenchmark<LivecodebenchItem> = {
  name: 'livecodebench',
  about: 'LiveCodeBench code generation, release_v5',
  group: 'code',
  kind: 'induction',
  profile: 'numpy',
  isInWords: true,
  source,
  items: readContests,
  prompt: promptOf,
  grade: gradeContest,
  comparison: { isCode: false, textOf: ({ question }) => question },
}

export const livecodebench: OwnBenchmark[] = [benchmark, execution]
