/** One process at a time has a file: a second would write over what the first knows. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { isAlive } from '../../socket/control/folder.ts'
import { RegistryError } from './errors.ts'

/** The files that this process has. */
const taken = new Set<string>()

export interface FileLock {
  release(): void
}

/** Throws REGISTRY_IN_USE, REGISTRY_FILE. What a dead process left behind is taken over. */
export function lockFile(path: string): FileLock {
  const lock = `${path}.lock`
  if (taken.has(path))
    throw new RegistryError('REGISTRY_IN_USE', `this process has ${path} already; close that registry first`)
  if (!tryLock(lock)) {
    const pid = ownerOf(lock)
    if (pid !== undefined && pid !== process.pid && isAlive(pid))
      throw new RegistryError('REGISTRY_IN_USE', `process ${pid} has ${path}; end it, or name another file`)
    rmSync(lock, { force: true })
    if (!tryLock(lock))
      throw new RegistryError('REGISTRY_IN_USE', `another process takes ${path} just now; try again`)
  }
  taken.add(path)
  const remove = (): void => rmSync(lock, { force: true })
  process.once('exit', remove)
  return {
    release() {
      if (!taken.delete(path)) return
      process.removeListener('exit', remove)
      remove()
    },
  }
}

function tryLock(lock: string): boolean {
  try {
    const fd = openSync(lock, 'wx', 0o600)
    writeSync(fd, String(process.pid))
    closeSync(fd)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    throw new RegistryError(
      'REGISTRY_FILE',
      `${lock} cannot be made (${code}); name a file in a folder of your own`,
    )
  }
}

function ownerOf(lock: string): number | undefined {
  const pid = Number(readFileSync(lock, 'utf8'))
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}
