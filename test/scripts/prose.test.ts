/**
 * The check of our prose: it finds bad examples, ignores good text and code, and our prose passes.
 */
import { describe, expect, test } from 'vitest'
import { faultsIn, proseFaults, proseFiles } from '../../scripts/check-prose.ts'

const faults = (file: string, source: string) =>
  faultsIn(file, source).map(({ line, fault }) => `${line} ${fault}`)

const long = `A sentence ${'with many words '.repeat(13)}ends here.`

describe('in Markdown it finds', () => {
  test('lines over 100 columns', () => {
    const text = `# Title\n\nShort.\n${'word '.repeat(25)}\n`
    expect(faults('a.md', text)).toEqual(['4 more than 100 columns: wrap it'])
  })

  test('sentences over 40 words, also over several lines', () => {
    const [fault] = faults('a.md', `First.\n\n- ${long.replaceAll('many ', 'many\n')}\n`)
    expect(fault).toMatch(
      /^3 44 words in a sentence, at most 40: "- A sentence with many words …"$/,
    )
  })

  test.each([
    ['An explicit setting has its way.', 'has its way'],
    ['It removes proposals\nthat were there before.', 'that were there before'],
    ['Of two forms, one of before would hide it.', 'one of before'],
    ['It is put beside the score.', 'beside the'],
    ['A full disk ends no run.', 'ends no run'],
    ['Not here: the writer.', 'Not here:'],
    ['A file of ours.', 'of ours'],
  ])('%j', (text, phrase) => {
    const [fault, ...others] = faults('a.md', `# Title\n\n${text}\n`)
    expect(others).toEqual([])
    expect(fault?.replace(/\s+/g, ' ')).toContain(phrase.trim().split(' ')[0])
    expect(fault).toMatch(/": write /)
  })
})

test('it finds phrases in texts that users see, and leaves other strings alone', () => {
  const source = "const about = 'a knob of its own has its way'\nconst other = 'of ours'\n"
  expect(faults('src/cli/a.ts', source)).toHaveLength(1)
  expect(faults('domain/kinds/a.ts', source)).toEqual([])
})

describe('in comments it finds', () => {
  test.each([
    ['a.ts', '/** What is open there is answered by nobody. */\nconst a = 1\n'],
    ['a.ts', 'const a = 1\n// Of all that a child said: the last line.\n// And more.\n'],
    ['a.ts', 'const a = 1 // Where it cannot start, it says why.\n'],
    ['a.tsx', 'export const a = <p>x</p>\n/* What a page shows. */\n'],
    ['a.py', '"""What the server answers.\n\nMore.\n"""\n'],
    ['a.py', 'def f():\n    """Of the last step."""\n    # fine\n    return 1\n'],
    ['a.py', 'x = 1\n# What is left of it.\n'],
  ])('the opening in %s: %j', (file, source) => {
    expect(faults(file, source)).toHaveLength(1)
  })

  test.each(['a.ts', 'a.py'])('a line over 100 columns in %s', file => {
    const mark = file === 'a.ts' ? '//' : '#'
    expect(faults(file, `${mark} ${'word '.repeat(25)}\n`)[0]).toMatch(/^1 more than 100 columns/)
    expect(faults(file, `f("${'word '.repeat(25)}")\n`)).toEqual([])
  })

  test('a long sentence, with the line where the comment begins', () => {
    const [fault] = faults('a.ts', `const a = 1\n\n/**\n * ${long}\n */\nconst b = 2\n`)
    expect(fault).toMatch(/^3 43 words/)
  })
})

test.each([
  ['a.md', `| ${'cell '.repeat(40)} |\n`],
  ['a.md', `\`\`\`sh\n${'word '.repeat(60)}\n\`\`\`\n`],
  ['a.md', `---\ntitle: ${'word '.repeat(60)}\n---\n\nText.\n`],
  ['a.md', `The knobs are ${'`a.b`, '.repeat(50)}and no more.\n`.replace(/(.{60,90}) /g, '$1\n')],
  ['a.md', 'What is a task? It has a program.\n'],
  ['a.ts', "const text = 'What has its way'\nconst other = `// Of all`\n"],
  ['a.ts', '// Where the failure came from. Nothing else.\nconst a = 1\n'],
  ['a.ts', '/** `beside` and `has its way` are code here. */\nconst a = 1\n'],
  ['a.ts', '/** On a busy port another server would answer instead of ours. */\nconst a = 1\n'],
  ['a.ts', '// biome-ignore lint: What it says\nconst a = 1\n'],
  ['a.py', `WORDS = words(\n    """\n${'word '.repeat(60)}\n"""\n)\n`],
])('it finds no fault in %s: %j', (file, source) => {
  expect(faults(file, source)).toEqual([])
})

/** Files that still have faults. Fix them, then remove them from this list. */
const unmended = [/^research\//]

test('our own prose has no fault', () => {
  const all = proseFiles()
  expect(all.length).toBeGreaterThan(500)
  const mended = all.filter(file => !unmended.some(pattern => pattern.test(file)))
  expect(proseFaults(mended)).toEqual([])
})
