/** The built-in kinds, one line each, and the kinds that a run knows. */
import type { Kind } from '../task.ts'
import { abduction } from './abduction.ts'
import { deduction } from './deduction.ts'
import { induction } from './induction.ts'
import type { BuiltInKind, TaskKind } from './kind.ts'

const builtIn: readonly BuiltInKind[] = [deduction, abduction, induction]

export type Kinds = {
  /** Built-in kinds, then plug-ins. */
  all: readonly TaskKind[]
  /** The names of all kinds. */
  names: readonly Kind[]
  /** The names of those in play, in the order of the config. */
  played: readonly Kind[]
  of: (name: Kind) => TaskKind
}

/** `played` has names; those that are not built in are among `plugins`. */
export function kindsOf(played: readonly Kind[], plugins: readonly TaskKind[] = []): Kinds {
  const all = [...builtIn, ...plugins]
  const byName = new Map(all.map(kind => [kind.name, kind]))
  return {
    all,
    names: [...byName.keys()],
    played,
    of(name) {
      const kind = byName.get(name)
      if (kind) return kind
      throw new Error(`Cannot find kind ${name}: there are ${[...byName.keys()].join(', ')}`)
    },
  }
}

export const builtInNames: readonly Kind[] = builtIn.map(({ name }) => name)
export const builtInKinds = kindsOf(builtInNames)

/** Each name once: the built-in kinds in the order above, then others as they come. */
export function inOrder(names: Iterable<Kind>): Kind[] {
  const found = new Set(names)
  return [...new Set([...builtInNames.filter(name => found.has(name)), ...found])]
}

/** Makes a value for each kind, by its name. */
export const perKind = <T>({ names }: Pick<Kinds, 'names'>, make: (name: Kind) => T) =>
  Object.fromEntries(names.map(name => [name, make(name)])) as Record<Kind, T>

/**
 * The fields of a kind that readers of a run need. They are stored with the run, so that readers
 * run no plug-in code.
 */
export type KindShown = Pick<TaskKind, 'name' | 'label' | 'asks' | 'colors' | 'shownShare'>

export const shownOf = ({ all }: Kinds): KindShown[] =>
  all.map(({ name, label, asks, colors, shownShare }) => {
    return { name, label, asks, colors, shownShare }
  })
