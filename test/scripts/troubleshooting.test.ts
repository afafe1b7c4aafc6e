/** Errors that users see: each has a code, and the troubleshooting page has each code and text. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, test } from 'vitest'
import {
  AzrError,
  codeOf,
  failure,
  LearnerGone,
  printed,
  told,
  UsageError,
  untold,
} from '../../domain/errors.ts'
import { codes } from '../../domain/trouble/index.ts'
import { errorTexts, nodesOf, sourceFiles } from '../../scripts/docs/error-texts.ts'
import { troubleshootingPage } from '../../scripts/docs/troubleshooting.ts'
import { knobs } from '../../src/config/load.ts'

const root = join(import.meta.dirname, '../..')
const all = errorTexts()

describe('codes', () => {
  test('each is used by an error, and each error has one', () => {
    const used = new Set([...all.map(({ code }) => code), 'internal-error'])
    expect([...used].sort()).toEqual(Object.keys(codes).sort())
    expect(all.length).toBeGreaterThan(200)
  })

  test('the page has each code and each text', () => {
    const page = readFileSync(join(root, 'docs/how-to/troubleshooting.md'), 'utf8')
    for (const code of Object.keys(codes)) expect(page).toContain(`\n### ${code}\n`)
    const long = all.filter(({ text }) => text.length > 40)
    for (const { text } of long) expect(page).toContain(text.replaceAll('\n', ' '))
    expect(page).toBe(troubleshootingPage())
  })

  test('a remedy names only commands and knobs that exist', () => {
    const paths = knobs().map(({ path }) => path)
    const sections = new Set(paths.map(path => path.split('.')[0]))
    for (const { remedy } of Object.values(codes)) {
      for (const [, command] of remedy.matchAll(/`azr ([a-z]+)/g)) {
        expect(existsSync(join(root, 'src/cli', `${command}.ts`)), remedy).toBe(true)
      }
      for (const [, path = ''] of remedy.matchAll(/`(?:--)?([a-z]+\.[a-zA-Z]+)[=`]/g)) {
        if (sections.has(path.split('.')[0])) expect(paths, remedy).toContain(path)
      }
    }
  })
})

/**
 * These rooms talk to the user, or to a service on the user's behalf. Other rooms throw a plain
 * error only for a bug, or as the reason inside an error with a code.
 */
const spoken = /^(src\/(cli|config|http|report|engine|learner)|sandbox)\//

test('rooms that talk to the user throw no error without a code', () => {
  const plain = sourceFiles()
    .filter(file => spoken.test(file))
    .filter(file => {
      const { program } = parseSync(file, readFileSync(join(root, file), 'utf8'))
      return [...nodesOf(program as never)].some(({ type, argument }) => {
        const thrown = argument as { type?: string; callee?: { name?: string } } | undefined
        return type === 'ThrowStatement' && thrown?.callee?.name === 'Error'
      })
    })
  expect(plain).toEqual([])
})

describe('a told error', () => {
  const error = new UsageError('run-exists', 'Cannot begin run a as it exists (twice)')

  test('has its text and code again', () => {
    expect(told(error)).toBe('Cannot begin run a as it exists (twice) (run-exists)')
    expect(untold(told(error))).toEqual({ code: 'run-exists', message: error.message })
    expect(untold(printed(error.code, error.message))).toEqual(untold(told(error)))
    expect(failure(told(error))).toMatchObject({ code: 'run-exists', message: error.message })
  })

  test('has the code of its first cause that has one', () => {
    const cause = new LearnerGone('learner-gone', 'The learner was killed')
    expect(codeOf(new Error('Cannot train', { cause }))).toBe('learner-gone')
    expect(codeOf(new AzrError('updates-skipped', 'No', { cause }))).toBe('updates-skipped')
  })

  test('without a code is a bug, and its text is unchanged', () => {
    expect(told(new TypeError('x is (not-a-code)'))).toBe('x is (not-a-code)')
    expect(untold('x is (not-a-code)').code).toBe('internal-error')
  })
})
