/**
 * The folder of this user's admin sockets. Nobody else may enter it, because a socket's clients may move flows and
 * read packets.
 */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AdminError } from './errors.ts'

/** For the owner alone. */
const FOLDER_MODE = 0o700
const FOR_OTHERS = 0o077

/** The longest path of a Unix socket on Linux, without the final 0. */
export const PATH_BYTES = 107

export const uid = (): number => process.getuid?.() ?? 0

/** `$XDG_RUNTIME_DIR/serval`, or `serval-UID` in the folder for temporary files. */
export function adminFolder(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env.XDG_RUNTIME_DIR
  return runtime ? join(runtime, 'serval') : join(tmpdir(), `serval-${uid()}`)
}

/** Creates the folder if necessary. Throws ADMIN_FOLDER if others can enter it. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: FOLDER_MODE })
    // Independent of the umask.
    chmodSync(path, FOLDER_MODE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw rejected(path, String(error))
  }
  checkFolder(path)
}

/** Returns false if there is no folder. Throws ADMIN_FOLDER if others can enter it. */
export function checkFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (!found.isDirectory()) throw rejected(path, 'it is not a folder')
  if (found.uid !== uid()) throw rejected(path, 'it belongs to another user')
  if ((found.mode & FOR_OTHERS) !== 0) throw rejected(path, 'others may enter it')
  return true
}

const rejected = (path: string, why: string): AdminError =>
  new AdminError(
    'ADMIN_FOLDER',
    `${path} cannot be used (${why}); remove it, chmod it to 700, or set XDG_RUNTIME_DIR to a folder of your own`,
  )

export const socketPath = (folder: string, pid: number): string => join(folder, `${pid}.sock`)

/** Returns the process number in a socket's name, or undefined. */
export function pidOf(name: string): number | undefined {
  const [, digits] = /^([1-9]\d{0,9})\.sock$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** True if the process exists, also as another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
