/** Text for a terminal: cut, wrapped, escaped, and as wide as the terminal is. */
import { describe, expect, test } from 'vitest'
import { cut, hang, oneLine, plain, plainLines, tableWidth, wrap } from '../../lib/terminal.ts'

describe('text for a terminal', () => {
  test('is cut with a mark, and wrapped at words', () => {
    expect([cut('abcdef', 4), cut('abc', 4)]).toEqual(['abc…', 'abc'])
    expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrap('unbreakable x', 4)).toEqual(['unbreakable', 'x'])
  })

  test('shows control characters as escapes', () => {
    expect(plain('a\u001b[0m\u009b\tb')).toBe('a\\u{1b}[0m\\u{9b}\\tb')
  })

  test('a long line goes on below its last column', () => {
    const line = '  engine    0.5 GB   weights 0.0, cache 0.1, process 0.4'
    expect(hang(line, 60)).toEqual([line])
    expect(hang(line, 48)).toEqual([
      '  engine    0.5 GB   weights 0.0, cache 0.1,',
      '                     process 0.4',
    ])
    expect(hang('engine: python --model models/micro', 20)).toEqual([
      'engine: python',
      '  --model',
      '  models/micro',
    ])
  })

  test('the terminal, COLUMNS or a file decides the width', () => {
    expect(tableWidth({ isTTY: true, columns: 132 }, {})).toBe(132)
    expect(tableWidth({ isTTY: true, columns: 30 }, {})).toBe(60)
    expect(tableWidth({}, { COLUMNS: '90' })).toBe(90)
    expect(tableWidth({}, {})).toBe(200)
  })
})

test('an error of several lines keeps its lines, and a worry is one line', () => {
  expect(plainLines('one\ntwo\u001b[1m')).toBe('one\ntwo\\u{1b}[1m')
  expect(oneLine(' one\n  two\r\nthree ')).toBe('one two three')
})
