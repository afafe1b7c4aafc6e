/**
 * The words of the small language, read from the sandbox's own lists, so that all of them are used.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { python, root } from '../../src/config/paths.ts'

export type Words = {
  builtins: Record<string, string>
  types: string[]
  modules: Record<string, Record<string, string>>
  methods: string[]
  iteratorMethods: string[]
  catchable: string[]
  raisable: string[]
}

const script = `
import json
from azr_sandbox import language as l
print(json.dumps({
    "builtins": l.BUILTINS, "types": sorted(l.TYPES), "modules": l.KINDS,
    "methods": sorted(l.METHODS), "iteratorMethods": sorted(l.ITERATOR_METHODS),
    "catchable": sorted(l.CATCHABLE), "raisable": sorted(l.RAISABLE),
}))
`

export function readWords(): Words {
  const cwd = join(root, 'sandbox')
  return JSON.parse(execFileSync(python, ['-c', script], { cwd, encoding: 'utf8' }))
}
