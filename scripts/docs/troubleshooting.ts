/**
 * docs/how-to/troubleshooting.md: the texts of each code, why it occurs and what to do. The texts
 * are taken from the sources, the explanations from domain/trouble.
 */
import { groups } from '../../domain/trouble/index.ts'
import { type ErrorText, errorTexts } from './error-texts.ts'
import { paragraph } from './markdown.ts'

/** A text with too few fixed letters would match nothing. */
const isTelling = (text: string) => text.replaceAll('…', '').trim().length >= 8

function section(code: string, about: { why: string; remedy: string }, texts: string[]): string[] {
  const block = texts.length > 0 ? ['```text', ...texts, '```', ''] : []
  const paragraphs = [`**Why.** ${about.why}`, `**What to do.** ${about.remedy}`]
  return [`### ${code}`, '', ...block, ...paragraphs.flatMap(paragraph)]
}

/** Each text in one line, sorted, once. */
function textsOf(all: readonly ErrorText[], code: string): string[] {
  const own = all.filter(found => found.code === code && isTelling(found.text))
  return [...new Set(own.map(({ text }) => text.replaceAll('\n', ' ')))].sort()
}

export function troubleshootingPage(): string {
  const all = errorTexts()
  const sections = groups.flatMap(({ title, codes }) => [
    `## ${title}`,
    '',
    ...Object.entries(codes).flatMap(([code, about]) => section(code, about, textsOf(all, code))),
  ])
  return [
    '<!-- Made by `node scripts/write-docs.ts`; edit domain/trouble or the error instead. -->',
    '# Troubleshooting',
    '',
    'Every error ends with its code, for example `(run-exists; see …)`. Answers of the API have it in',
    'the field `code`. Search this page for the code or for the text of the error. `…` stands for a part',
    'that differs each time.',
    '',
    'An error exits with 2 if the request was wrong, and with 1 if something failed. `AZR_DEBUG=1` adds',
    'the stack. If no section helps, run `azr doctor`: it checks this machine.',
    '',
    ...sections,
  ].join('\n')
}
