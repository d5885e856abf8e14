/**
 * One process at a time has a file: a second would write over what the first knows. The lock is a Unix socket beside the file
 * that its owner listens at. The system closes it with the process, so that nothing depends on process numbers, which other
 * processes get, and which each container counts for itself. Another machine that shares the file system does not see it.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { RegistryError } from './errors.ts'

/** The files that this process has. */
const taken = new Set<string>()

/** An owner that is stopped or busy has so long to say its process number, ms. */
const ANSWER_MS = 500

export interface FileLock {
  release(): void
}

/** Resolves with the lock. Rejects with REGISTRY_IN_USE, REGISTRY_FILE. What a dead process left behind is taken over. */
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

/** Resolves with the socket, which listens under the lock's name. `folder`: a short name of the file's folder. */
async function take(path: string, folder: string): Promise<Server> {
  const lock = join(folder, `${basename(path)}.lock`)
  const own = join(folder, `.${randomBytes(9).toString('base64url')}`)
  const server = createServer(socket => socket.on('error', () => {}).end(String(process.pid))).unref()
  try {
    server.listen(own)
    await once(server, 'listening')
    // Under its name the lock is there with its owner, or not at all.
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
  // Others may do the same: what is moved aside is looked at again, in case it is the lock of one who was faster.
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

/** A socket without its process, and what is no socket, refuse to be connected to. */
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

/** A name of the file's folder that fits into a socket's name: Linux names open folders so. */
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
