/** HumanEval+ and MBPP+: functions, judged by a canonical solution's results on many inputs. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fence } from '../../../domain/prompts/reading.ts'
import { python } from '../../config/paths.ts'
import type { OwnBenchmark, OwnTools } from '../own.ts'
import { codeWanted } from '../prompts.ts'
import { readItems } from '../read.ts'
import { behaviour } from './behaviour.ts'
import { gradeFunction, secondsOf } from './grade.ts'
import { type EvalplusItem, readEvalplusItem } from './item.ts'
import type { EvalplusName } from './rules.ts'

/** Inputs have types that JSON does not have. A Python script writes them as literals. */
const convert = (path: string): string =>
  execFileSync(python, ['-S', join(import.meta.dirname, 'convert.py'), path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })

/** `path` is the file of a release, at its commit. */
type Own = {
  about: string
  licence: string
  repository: string
  path: string
  size: number
  sha256: string
}

function benchmark(name: EvalplusName, own: Own): OwnBenchmark<EvalplusItem> {
  const { about, licence, repository, path, size, sha256 } = own
  const url = `https://raw.githubusercontent.com/evalplus/${repository}/${path}`
  const home = `https://github.com/evalplus/${repository}`
  return {
    name,
    about,
    group: 'code',
    kind: 'induction',
    profile: 'numpy',
    isInWords: true,
    source: { licence, home, pins: [{ url, size, sha256 }], folder: name, convert },
    items: ({ folder }) => readItems(name, folder, readEvalplusItem),
    prompt: ({ prompt }, { frame }) =>
      frame(
        `Write the Python function that is described here. ${codeWanted}\n\n${fence('python', prompt.trim())}`,
      ),
    grade: (item, completion, tools: OwnTools) => gradeFunction(name, item, completion, tools),
    secondsOf: (item, tools) => secondsOf(name, item, tools),
    comparison: {
      isCode: true,
      textOf: ({ prompt, solution }) => prompt + solution,
      behaviour,
    },
  }
}

export const evalplus = [
  benchmark('humanevalplus', {
    about: 'HumanEval+ v0.1.10: functions from docstrings, base and plus tests',
    licence: 'Apache-2.0',
    repository: 'humanevalplus_release',
    path: '200defce9e3429d28ca215b6dd061c0f7f31c18b/HumanEvalPlus.jsonl.gz',
    size: 925_932,
    sha256: '272720b90ac375502c8ed23cd791c2a93dfb22a911641a494da74a426c09f101',
  }),
  benchmark('mbppplus', {
    about: 'MBPP+ v0.2.0: functions from a sentence and one assertion',
    licence: 'Apache-2.0 (MBPP: CC BY 4.0)',
    repository: 'mbppplus_release',
    path: '64fc4195b858a17cdfdb3324f0baf37939144e14/MbppPlus.jsonl.gz',
    size: 336_032,
    sha256: 'af43697e8791c4c149bdfd6b489d8b5412507551ac20e28a439f650b8225db63',
  }),
]
