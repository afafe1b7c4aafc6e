/** Sandboxes for graders, by profile. Each is started when it is first needed. */

import type { Sandbox } from '../../domain/execution.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile, type ProfileName } from '../../sandbox/profiles.ts'
import { profileFolder, python } from '../config/paths.ts'

export function openSandboxes(workers: number): (profile: ProfileName) => Promise<Sandbox> {
  return async name => {
    const profile = await openProfile(name, { python, home: profileFolder })
    return startSandbox({ python, workers, profile })
  }
}
