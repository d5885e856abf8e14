/** The stacks of this user that run now. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AdminClient } from './client.ts'
import { adminFolder, checkFolder, isAlive, pidOf } from './folder.ts'

/** A process that can be asked. Whoever opened it closes `client`. */
export interface Running {
  readonly pid: number
  readonly client: AdminClient
}

/**
 * All that answer, by process. Sockets that dead processes left behind are removed. Rejects with ADMIN_FOLDER.
 */
export async function openRunning(folder = adminFolder()): Promise<Running[]> {
  if (!checkFolder(folder)) return []
  const pids = readdirSync(folder)
    .flatMap(name => pidOf(name) ?? [])
    .sort((a, b) => a - b)
  const opened = await Promise.all(pids.map(pid => tryOpen(pid, join(folder, `${pid}.sock`))))
  return opened.filter(one => one !== undefined)
}

async function tryOpen(pid: number, path: string): Promise<Running | undefined> {
  try {
    return { pid, client: await AdminClient.open(path) }
  } catch {
    // In a namespace of its own a process is not seen here, but its socket would have answered.
    if (!isAlive(pid)) rmSync(path, { force: true })
    return undefined
  }
}
