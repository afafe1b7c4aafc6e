/** Sandboxes by the name of their profile, for graders: each is started when it is first needed. */
import { startSandbox } from '../sandbox/index.ts'
import { openProfile } from '../sandbox/profiles.ts'
import type { Sandbox } from '../sandbox/types.ts'
import type { Profile } from './grading/suites.ts'
import { profileFolder, python } from './paths.ts'

export function openSandboxes(workers: number): (profile: Profile) => Promise<Sandbox> {
  return async name => {
    const profile = await openProfile(name, { python, home: profileFolder })
    return startSandbox({ python, workers, profile })
  }
}
