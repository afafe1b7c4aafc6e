/** The findings of the doctor about cards, from scripted facts. */
import { describe, expect, test } from 'vitest'
import { oldestDriver, parseDriver } from '../../lib/nvidia.ts'
import { pinsOf } from '../../scripts/setup/engine.ts'
import { type Needs, needsOf } from '../../scripts/setup/needs.ts'
import { type CardFacts, cardFindings, roomFindings } from '../../src/config/card-findings.ts'
import { fitOf } from '../../src/config/fit/index.ts'
import { cards } from '../../src/config/fit/time.ts'
import { loadConfig } from '../../src/config/load.ts'
import { root } from '../../src/config/paths.ts'

const driver = parseDriver('580.95.05, NVIDIA GeForce RTX 4090\n')
const old = parseDriver('550.120, NVIDIA GeForce RTX 4090\n')
const card = { name: 'NVIDIA GeForce RTX 4090', totalBytes: 24e9, freeBytes: 23e9 }
const torch = {
  torch: '2.13.0',
  cuda: '13.0',
  cards: [card],
  error: null,
  python: '3.12.3',
  compiler: '/usr/bin/gcc',
  headers: true,
}
const whole: CardFacts = { wanted: true, driver, torch, isWsl: false }
const said = (facts: Partial<CardFacts>) =>
  cardFindings({ ...whole, ...facts }).map(
    ({ state, name, detail }) => `${state} ${name} ${detail}`,
  )
const states = (facts: Partial<CardFacts>) =>
  cardFindings({ ...whole, ...facts }).map(({ state, name }) => `${state} ${name}`)

describe('a driver', () => {
  test('is read with its cards, and is null if nvidia-smi lists none', () => {
    expect(parseDriver('580.95.05, A\n580.95.05, B\n')).toEqual({
      version: '580.95.05',
      cards: ['A', 'B'],
    })
    for (const text of [
      '',
      'No devices were found',
      'Failed to initialize NVML: Driver, mismatch',
    ]) {
      expect(parseDriver(text)).toBeNull()
    }
  })
})

describe('for a preset on a card the doctor', () => {
  test('finds nothing wrong on a machine that has everything', () => {
    expect(states({})).toEqual(['ok driver', 'ok card', 'ok compiler'])
  })

  test('reports a missing driver, and one that is too old for CUDA 13', () => {
    expect(said({ driver: null })[0]).toMatch(/^missing driver no NVIDIA card .*580 or newer/)
    expect(said({ driver: null, isWsl: true })[0]).toMatch(/in Windows, not in WSL/)
    expect(said({ driver: old })[0]).toMatch(/^missing driver .*550\.120.*CUDA 13 needs 580/)
  })

  test('reports a card that torch cannot use, and says why', () => {
    const error = 'The NVIDIA driver on your system is too old (found version 12040)'
    const none = { ...torch, cards: [], error }
    expect(said({ torch: none })[1]).toMatch(/^missing card .*cannot use a card: .*too old/)
    const cpu = { ...torch, torch: '2.13.0+cpu', cuda: null, cards: [] }
    expect(said({ torch: cpu })[1]).toMatch(/^missing card .*setup trainer --device cuda/)
    expect(said({ torch: 'no environment yet' })[1]).toBe('missing card no environment yet')
  })

  test('reports missing compilers and headers, which Triton needs', () => {
    const bare = { ...torch, compiler: null, headers: false }
    expect(said({ torch: bare })[2]).toMatch(
      /^missing compiler .*gcc or clang.*headers of Python 3\.12\.3.*apt install gcc python3-dev/,
    )
  })

  test('warns of WSL', () => {
    expect(states({ isWsl: true })).toContain('warning WSL')
  })
})

describe('without such a preset the doctor', () => {
  test('requires nothing if there is no card', () => {
    const cpu = { ...torch, cuda: null, cards: [] }
    expect(states({ wanted: false, driver: null, torch: cpu })).toEqual([])
  })

  test('fails if a CUDA torch cannot use the card, and only warns about a torch for CPUs', () => {
    const none = { ...torch, cards: [], error: 'no kernel image' }
    expect(states({ wanted: false, torch: none })).toContain('missing card')
    const cpu = { ...torch, cuda: null, cards: [] }
    expect(states({ wanted: false, torch: cpu })).toEqual(['ok driver', 'warning card'])
  })
})

test('also checks the memory of the machine, the disk, and what others hold of the card', () => {
  const config = loadConfig('qwen2.5-7b')
  const hardware = { ...(cards[80] as NonNullable<(typeof cards)[80]>), freeBytes: 60 * 2 ** 30 }
  const fit = fitOf(config, config.model.shape as never, { hardware, device: 'cuda' })
  const of = (memoryBytes: number, freeDiskBytes: number) =>
    roomFindings(fit, { memoryBytes, freeDiskBytes }).map(({ state, name }) => `${state} ${name}`)
  expect(of(32e9, 1e9)).toEqual(['missing memory', 'missing disk', 'warning card'])
  expect(of(500e9, 1e12)).toEqual(['ok memory', 'ok disk', 'warning card'])
})

describe('set-up for CUDA', () => {
  test.each(['cpu', 'cuda'] as const)('pins every package of the engine on %s', device => {
    const pins = pinsOf(root, device)
    expect(pins.filter(pin => !/^[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ;.*)?$/i.test(pin))).toEqual([])
    const names = pins.map(pin => pin.split('==')[0])
    expect(names).toEqual(expect.arrayContaining(['torch', 'transformers', 'tokenizers']))
    expect(pins.length).toBeGreaterThan(60)
  })

  const needs: Needs = {
    part: 'engine',
    driver,
    isWsl: false,
    compiler: 'gcc',
    freeDiskBytes: 100e9,
    memoryBytes: 64e9,
  }

  test('refuses a driver that could not run it, before anything is downloaded', () => {
    expect(() => needsOf({ ...needs, driver: old })).toThrow(
      new RegExp(`550\\.120.*CUDA 13.*${oldestDriver} or newer`),
    )
  })

  test('says what is missing, and nothing if nothing is', () => {
    expect(needsOf(needs)).toEqual([])
    const lines = needsOf({
      ...needs,
      driver: null,
      compiler: null,
      freeDiskBytes: 5e9,
      memoryBytes: 8e9,
      isWsl: true,
    })
    expect(lines.join('\n')).toMatch(
      /no NVIDIA driver[\s\S]*no gcc[\s\S]*4 GB of disk[\s\S]*7 GB of mem[\s\S]*WSL/,
    )
  })
})
