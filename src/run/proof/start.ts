/** Checks of a proof: the machine, the environments, the start of engine and learner. */
import { explain } from '../../../domain/errors.ts'
import type { Finding } from '../../config/card-findings.ts'
import { checkEngine } from '../../engine/start.ts'
import { checkLearner } from '../../learner/settings.ts'
import type { Check, Figures } from './rows.ts'
import type { Stage } from './stage.ts'

/** The doctor's findings as one row. */
export function machineCheck(findings: readonly Finding[]): Check {
  return {
    name: 'machine',
    needs: [],
    remedy: 'each line that is missing names what to install',
    async run() {
      const bad = findings.filter(({ state }) => state === 'missing')
      const figures = Object.fromEntries(findings.map(({ name, detail }) => [name, detail]))
      const detail = bad.map(finding => `${finding.name}: ${finding.detail}`).join('; ')
      return { figures, detail, passed: bad.length === 0 }
    },
  }
}

export function environmentsCheck({ config, model, fit }: Stage): Check {
  return {
    name: 'environments',
    needs: ['machine'],
    remedy: 'run the `azr setup` commands that it names; `azr plan` says what fits',
    async run() {
      const refused = [() => checkEngine(config, model), () => checkLearner(config)].flatMap(
        look => {
          try {
            look()
            return []
          } catch (error) {
            return [explain(error)]
          }
        },
      )
      if (!fit.fits) refused.push(`does not fit: ${fit.cure?.join(' ') ?? 'take a larger card'}`)
      return { figures: {}, detail: refused.join('; '), passed: refused.length === 0 }
    },
  }
}

const label = (text: string, name: string) => Number(new RegExp(`${name}="(\\d+)"`).exec(text)?.[1])

/** Tokens of the cache, from vLLM's own facts; empty if it gives none. */
async function cacheTokens(url: string): Promise<Figures> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find(one => one.startsWith('vllm:cache_config_info')) ?? ''
  const tokens = label(line, 'block_size') * label(line, 'num_gpu_blocks')
  return Number.isFinite(tokens) ? { 'tokens of cache': tokens } : {}
}

export function engineCheck(stage: Stage): Check {
  return {
    name: 'engine starts',
    needs: ['environments'],
    remedy:
      'read the line above and logs/engine.log (--keep); lower --engine.memoryShare, ' +
      '--engine.maxBatch or --engine.maxLength',
    async run() {
      const begun = performance.now()
      await stage.startEngine()
      const seconds = (performance.now() - begun) / 1000
      return { figures: { seconds, ...(await cacheTokens(stage.engine().url)) } }
    },
  }
}

export function learnerCheck(stage: Stage): Check {
  return {
    name: 'learner starts',
    needs: ['environments'],
    remedy: 'read the line above; `azr setup trainer --device cuda --force` makes it again',
    async run() {
      const begun = performance.now()
      const { parameters, learned } = await stage.startLearner()
      const seconds = (performance.now() - begun) / 1000
      const { device, torch } = await stage.learner().hello()
      return {
        figures: { seconds, device, torch, parameters, learned },
        detail: device === 'cpu' && stage.fit.device === 'cuda' ? 'it computes on the CPU' : '',
        passed: device !== 'cpu' || stage.fit.device === 'cpu',
      }
    },
  }
}
