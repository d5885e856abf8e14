/** Tells systemd about the state of the process, for units with `Type=notify`. */
import { execFile } from 'node:child_process'
import { say } from '../stack/say.ts'

/** systemd-notify itself waits for 5 s. */
const LIMIT_MS = 10_000

/** Resolves when systemd has been told; at once outside of systemd. */
export function notify(state: `${'READY' | 'RELOADING' | 'STOPPING'}=1`): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) return Promise.resolve()
  return new Promise(resolve => {
    execFile('systemd-notify', [state], { timeout: LIMIT_MS }, error => {
      if (error !== null)
        say(`systemd cannot be told (${error.message.split('\n')[0]}); install systemd-notify`)
      resolve()
    })
  })
}
