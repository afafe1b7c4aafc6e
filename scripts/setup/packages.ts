/** Installs the npm packages exactly as package-lock.json says, without install scripts. */
import { need } from './child.ts'
import { stampPackages } from './stamps.ts'

const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']

export async function setUpPackages(root: string, say: (line: string) => void): Promise<void> {
  say('installing the npm packages')
  await installPackages(root)
  stampPackages(root)
}

export async function installPackages(cwd: string): Promise<void> {
  await need('install the npm packages', 'npm', ['ci', ...flags], { cwd, env: cleanEnv() })
}

/** The environment without the variables that an outer `npm start` sets. */
function cleanEnv(): NodeJS.ProcessEnv {
  const inherited = /^npm_(package_|lifecycle_|config_local_prefix|command|execpath)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name)))
}
