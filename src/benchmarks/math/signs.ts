/** Replaces Unicode symbols by LaTeX, for symbols that models type directly. */

const commands: Record<string, string> = {
  ...{ '×': 'times', '⋅': 'cdot', '·': 'cdot', '∙': 'cdot', '•': 'cdot', '÷': 'div', '±': 'pm' },
  ...{ '∓': 'mp', '≤': 'le', '⩽': 'le', '≥': 'ge', '⩾': 'ge', '≠': 'ne', '≈': 'approx' },
  ...{ '∞': 'infty', '∪': 'cup', '∩': 'cap', '∈': 'in', '∅': 'emptyset', '∖': 'setminus' },
  ...{ '⌊': 'lfloor', '⌋': 'rfloor', '⌈': 'lceil', '⌉': 'rceil', '∠': 'angle', '→': 'to' },
  ...{ π: 'pi', α: 'alpha', β: 'beta', γ: 'gamma', δ: 'delta', ε: 'epsilon' },
  ...{ ζ: 'zeta', η: 'eta', θ: 'theta', κ: 'kappa', λ: 'lambda', μ: 'mu', ν: 'nu' },
  ...{ ξ: 'xi', ρ: 'rho', σ: 'sigma', τ: 'tau', φ: 'phi', ϕ: 'phi', χ: 'chi' },
  ...{ ψ: 'psi', ω: 'omega', Γ: 'Gamma', Δ: 'Delta', Θ: 'Theta', Λ: 'Lambda' },
  ...{ Π: 'Pi', Σ: 'Sigma', Φ: 'Phi', Ψ: 'Psi', Ω: 'Omega', ℏ: 'hbar' },
}
const letters: Record<string, string> = { ℝ: 'R', ℕ: 'N', ℤ: 'Z', ℚ: 'Q', ℂ: 'C' }
const raised = new Map([...'⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ'].map((sign, i) => [sign, '0123456789+-=()ni'[i]]))
const lowered = new Map([...'₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎'].map((sign, i) => [sign, '0123456789+-=()'[i]]))
const roots: Record<string, string> = { '√': '', '∛': '[3]', '∜': '[4]' }

const plain = (text: string, of: Map<string, string | undefined>) =>
  [...text].map(sign => of.get(sign)).join('')

const known = new RegExp(`[${Object.keys(commands).join('')}]`, 'g')

/** Full-width and mathematical letters become plain ones, other symbols become commands. */
export function withCommands(text: string): string {
  return text
    .replace(/[\u200b\u200c\u2060-\u2064\ufeff]|\u200d|\ufe0e|\ufe0f/g, '')
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f]/g, '\\,')
    .replace(/[⁰¹²³⁴-⁹⁺⁻⁼⁽⁾ⁿⁱ]+/g, run => `^{${plain(run, raised)}}`)
    .replace(/[₀-₉₊₋₌₍₎]+/g, run => `_{${plain(run, lowered)}}`)
    .replace(/[ℝℕℤℚℂ]/g, sign => `\\mathbb{${letters[sign]}}`)
    .replace(/[¼-¾⅐-⅞]/g, sign => sign.normalize('NFKC').replace(/(\d+)⁄(\d+)/, '\\frac{$1}{$2}'))
    .replace(known, sign => `\\${commands[sign]} `)
    .replace(/[º˚]/g, '°')
    .normalize('NFKC')
    .replace(known, sign => `\\${commands[sign]} `)
    .replace(
      /([√∛∜])\s*(?:\(([^()]*)\)|\{([^{}]*)\}|(\d+(?:\.\d+)?|[a-z]|\\[a-z]+))/gi,
      (_, sign, ...inner) => `\\sqrt${roots[sign]}{${inner.slice(0, 3).find(Boolean)}}`,
    )
    .replace(/[−–—‐‑﹣]/g, '-')
    .replace(/[’′‘]/g, "'")
    .replace(/[”″“]/g, '"')
    .replace(/⁄/g, '/')
}
