/** A config held against a machine: its card, or its processor. Reads the model's shape, no more. */
import { UsageError } from '../../../domain/errors.ts'
import type { Shape } from '../../../domain/shape.ts'
import type { Card } from '../cards.ts'
import type { Config } from '../config.ts'
import { findModel, shapeIn } from '../model.ts'
import { type Fit, fitOf } from './index.ts'
import type { Device } from './memory.ts'
import { cards, type Hardware, processorOf } from './time.ts'

export type Place = {
  cores: number
  memoryBytes: number
  /** The one that counts of those that are used; null where there is none. */
  card: Card | null
}

/** Of the preset, else of the model where it lies. */
export function findShape({ model }: Config): Shape {
  if (model.shape) return model.shape
  const found = shapeIn(findModel(model.path))
  if (found) return found
  throw new UsageError(
    'model-unsuitable',
    `Cannot plan for ${model.path} as its config.json has a shape that azr does not know`,
  )
}

/** Where engine and learner compute. */
export function deviceOf({ engine, trainer }: Config): Device {
  const isCpu = engine.kind === 'embedded' || engine.device === 'cpu' || trainer.device === 'cpu'
  return isCpu ? 'cpu' : 'cuda'
}

/** As fast as the card of the table that is nearest in memory. */
function cardLike({ name, totalBytes: memoryBytes, freeBytes }: Card): Hardware {
  const far = (card: Hardware) => Math.abs(card.memoryBytes - memoryBytes)
  const [nearest] = Object.values(cards).toSorted((a, b) => far(a) - far(b)) as [Hardware]
  return { ...nearest, name, memoryBytes, freeBytes }
}

/** On its card where it has one, else on the smallest that fits, or on its processor. */
export function fitOn(config: Config, { cores, memoryBytes, card }: Place): Fit {
  const shape = findShape(config)
  const device = deviceOf(config)
  const on = (hardware: Hardware) => fitOf(config, shape, { hardware, device })
  if (device === 'cpu') return on(processorOf(cores, memoryBytes))
  if (card !== null) return on(cardLike(card))
  const all = Object.values(cards).map(on)
  return all.find(({ fits }) => fits) ?? (all.at(-1) as Fit)
}
