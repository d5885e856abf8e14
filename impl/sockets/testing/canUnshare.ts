import { execFileSync } from 'node:child_process'

/** Whether tests may make networks of their own: Linux, as root. Others skip those tests. */
export const canUnshare = ((): boolean => {
  try {
    execFileSync('unshare', ['-n', 'ip', 'link'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
