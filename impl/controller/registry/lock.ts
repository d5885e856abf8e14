/**
 * Ensures that only one process uses a file: a second would overwrite what the first knows. The lock is a Unix socket
 * beside the file on which its owner listens. The system closes it with the process. It does not rely on process
 * numbers, which are reused, and differ between containers. Another machine that shares the file system does not see
 * the lock.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { RegistryError } from './errors.ts'

/** The files that this process has locked. */
const taken = new Set<string>()

/** How long a stopped or busy owner has to send its process number, ms. */
const ANSWER_MS = 500

export interface FileLock {
  release(): void
}

/** Resolves to the lock. Takes over the lock of a dead process. Rejects with REGISTRY_IN_USE, REGISTRY_FILE. */
export async function lockFile(path: string): Promise<FileLock> {
  if (taken.has(path))
    throw new RegistryError('REGISTRY_IN_USE', `this process has ${path} already; close that registry first`)
  taken.add(path)
  const folder = openFolder(path)
  try {
    const server = await take(path, folder.name)
    const remove = (): void => rmSync(`${path}.lock`, { force: true })
    process.once('exit', remove)
    return {
      release() {
        if (!taken.delete(path)) return
        process.removeListener('exit', remove)
        remove()
        server.close()
      },
    }
  } catch (error) {
    taken.delete(path)
    throw error
  } finally {
    folder.close()
  }
}

/** Resolves to the socket, which listens under the lock's name. `folder`: a short name of the file's folder. */
async function take(path: string, folder: string): Promise<Server> {
  const lock = join(folder, `${basename(path)}.lock`)
  const own = join(folder, `.${randomBytes(9).toString('base64url')}`)
  const server = createServer(socket => socket.on('error', () => {}).end(String(process.pid))).unref()
  try {
    server.listen(own)
    await once(server, 'listening')
    // Linking makes the listening socket appear under the lock's name in one step.
    if (!(await tryLink(own, lock))) {
      await assertFree(path, lock, folder)
      if (!(await tryLink(own, lock)))
        throw new RegistryError('REGISTRY_IN_USE', `another process takes ${path} just now; try again`)
    }
    return server
  } catch (error) {
    server.close()
    if (error instanceof RegistryError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new RegistryError(
      'REGISTRY_FILE',
      `${path}.lock cannot be made (${code}); name a file in a folder of your own, on a file system that has sockets`,
    )
  } finally {
    rmSync(own, { force: true })
  }
}

async function tryLink(own: string, lock: string): Promise<boolean> {
  try {
    linkSync(own, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock that nobody holds. Rejects with REGISTRY_IN_USE. */
async function assertFree(path: string, lock: string, folder: string): Promise<void> {
  await assertUnheld(path, lock)
  // Others may do the same. Checks what it has moved aside, in case it is the lock of a faster process.
  const aside = join(folder, `.${randomBytes(9).toString('base64url')}`)
  try {
    renameSync(lock, aside)
    await assertUnheld(path, aside)
  } catch (error) {
    if (error instanceof RegistryError) await tryLink(aside, lock)
    else if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** A socket without a process, and any other kind of file, refuse connections. */
async function assertUnheld(path: string, lock: string): Promise<void> {
  const socket = connect(lock)
  let pid = ''
  try {
    const limit = AbortSignal.timeout(ANSWER_MS)
    await once(socket, 'connect', { signal: limit })
    socket.setEncoding('utf8').on('data', text => {
      pid = (pid + text).slice(0, 10)
    })
    await once(socket, 'close', { signal: limit })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return
  } finally {
    socket.on('error', () => {}).destroy()
  }
  const owner = /^\d+$/.test(pid) ? `process ${pid} (as it counts itself)` : 'another process'
  throw new RegistryError('REGISTRY_IN_USE', `${owner} has ${path}; end it, or name another file`)
}

/** Returns a name of the file's folder that is short enough for a socket's path: Linux has such names for open folders. */
function openFolder(path: string): { readonly name: string; close(): void } {
  const folder = dirname(path)
  if (process.platform !== 'linux') return { name: folder, close() {} }
  try {
    const fd = openSync(folder, 'r')
    return { name: `/proc/self/fd/${fd}`, close: () => closeSync(fd) }
  } catch (error) {
    taken.delete(path)
    const { code } = error as NodeJS.ErrnoException
    throw new RegistryError(
      'REGISTRY_FILE',
      `${folder} cannot be opened (${code}); name a file in a folder of your own`,
    )
  }
}
