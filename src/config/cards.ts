/** Finds the cards of this machine as torch sees them, and selects those that a child may use. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { UsageError } from '../../domain/errors.ts'
import { lastLine } from '../../lib/formats.ts'
import type { Config } from './config.ts'
import { python, trainerFolder } from './paths.ts'

/** `freeBytes` was free when we asked. */
export type Card = { name: string; totalBytes: number; freeBytes: number }

/** The answer of the learner's Python. `cuda` is null if its torch is built for CPUs. */
export type Torch = {
  torch: string
  cuda: string | null
  cards: Card[]
  /** The reason why no card can be used. */
  error: string | null
  python: string
  compiler: string | null
  headers: boolean
}

let known: Torch | string | undefined

/** Asks once, before any of our processes uses a card. A string says why there is no answer. */
export function torchHere(): Torch | string {
  known ??= askTorch()
  return known
}

function askTorch(): Torch | string {
  if (!existsSync(python)) return 'no environment yet: run `azr setup`'
  const { CUDA_DEVICE_ORDER = 'PCI_BUS_ID' } = process.env
  const env = { ...process.env, CUDA_DEVICE_ORDER, PYTHONPATH: trainerFolder }
  const args = ['-m', 'azr_trainer.cards']
  const { status, stdout, stderr } = spawnSync(python, args, { env, encoding: 'utf8' })
  if (status !== 0) return `${lastLine(stderr ?? '')}: run \`azr setup\``
  return JSON.parse(lastLine(stdout)) as Torch
}

/** The smallest of the cards that the config names; null if one of them is missing. */
export function cardFor({ engine, trainer }: Config, cards: readonly Card[]): Card | null {
  const named = [...(engine.cards ?? [0]), ...(trainer.cards ?? [0])]
  const found = [...new Set(named)].map(index => cards[index])
  if (found.some(card => card === undefined)) return null
  return (found as Card[]).toSorted((a, b) => a.totalBytes - b.totalBytes)[0] ?? null
}

export function cardHere(config: Config): Card | null {
  const found = torchHere()
  return typeof found === 'string' ? null : cardFor(config, found.cards)
}

/** The variable that restricts a child to these cards, counted among those that we may use. */
export function visible(cards: readonly number[] | null): Record<string, string> {
  if (cards === null) return {}
  const mine = process.env.CUDA_VISIBLE_DEVICES?.split(',').filter(Boolean)
  const names = cards.map(card => (mine ? mine[card] : String(card)))
  if (names.includes(undefined)) {
    throw new UsageError(
      'card-missing',
      `Cannot use cards ${cards.join(', ')} as CUDA_VISIBLE_DEVICES shows ${mine?.length ?? 0}`,
    )
  }
  return { CUDA_VISIBLE_DEVICES: names.join(',') }
}
