import module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

/**
 * Node's own cache of code. Without it each thread would load the module that strips types and take twice as
 * long to start.
 */
const CODE_CACHE = module.getCompileCacheDir?.() ?? join(tmpdir(), 'node-compile-cache')

/** Starts a thread that runs a module of this project, built or not. */
export const startThread = (file: URL): Worker =>
  new Worker(file, { execArgv: [], env: { ...process.env, NODE_COMPILE_CACHE: CODE_CACHE } })
