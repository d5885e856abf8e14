/**
 * Where the admin sockets of this user's processes are: a folder that nobody else may enter, because who reaches a
 * socket may move flows and read their packets.
 */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AdminError } from './errors.ts'

/** For the owner alone. */
const FOLDER_MODE = 0o700
const FOR_OTHERS = 0o077

/** What a Unix socket's path may have on Linux, without its final 0. */
export const PATH_BYTES = 107

export const uid = (): number => process.getuid?.() ?? 0

/** `$XDG_RUNTIME_DIR/serval`, or `serval-UID` in the folder for temporary files. */
export function adminFolder(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env.XDG_RUNTIME_DIR
  return runtime ? join(runtime, 'serval') : join(tmpdir(), `serval-${uid()}`)
}

/** Makes the folder if it is not there. Throws ADMIN_FOLDER when it is not for this user alone. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: FOLDER_MODE })
    // Whatever the umask is.
    chmodSync(path, FOLDER_MODE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw refused(path, String(error))
  }
  checkFolder(path)
}

/** False: there is none. Throws ADMIN_FOLDER when it is not for this user alone. */
export function checkFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (!found.isDirectory()) throw refused(path, 'it is no folder')
  if (found.uid !== uid()) throw refused(path, 'it belongs to another user')
  if ((found.mode & FOR_OTHERS) !== 0) throw refused(path, 'others may enter it')
  return true
}

const refused = (path: string, why: string): AdminError =>
  new AdminError(
    'ADMIN_FOLDER',
    `${path} cannot be used (${why}); remove it, chmod it to 700, or set XDG_RUNTIME_DIR to a folder of your own`,
  )

export const socketPath = (folder: string, pid: number): string => join(folder, `${pid}.sock`)

/** The process that a socket's name tells; undefined for what is none. */
export function pidOf(name: string): number | undefined {
  const [, digits] = /^([1-9]\d{0,9})\.sock$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Whether there is such a process; another user's counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
