/** The cards of this machine as torch sees them, and which of them a child gets. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { UsageError } from '../../domain/errors.ts'
import { lastLine } from '../../lib/formats.ts'
import type { Config } from './config.ts'
import { python, trainerFolder } from './paths.ts'

/** `freeBytes`: what nobody held when we looked. */
export type Card = { name: string; totalBytes: number; freeBytes: number }

/** What the learner's Python says; `cuda`: null where its torch is for CPUs. */
export type Torch = {
  torch: string
  cuda: string | null
  cards: Card[]
  /** Why none of them can be used. */
  error: string | null
  python: string
  compiler: string | null
  headers: boolean
}

let known: Torch | string | undefined

/** Asked once, before anything of ours is on a card. A text is why it says nothing. */
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

/** Of those that the config names the one with the least memory; null where there is none. */
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

/** For a child's environment: these of the cards that we may see ourselves. */
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
