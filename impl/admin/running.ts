/** This user's running stacks. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AdminClient } from './client.ts'
import { adminFolder, checkFolder, isAlive, pidOf } from './folder.ts'

/** A process that answers. The caller closes `client`. */
export interface Running {
  readonly pid: number
  readonly client: AdminClient
}

/** Returns all processes that answer. Removes sockets of dead processes. Rejects with ADMIN_FOLDER. */
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
    // A process in another namespace is invisible here, but its socket would have answered.
    if (!isAlive(pid)) rmSync(path, { force: true })
    return undefined
  }
}
