import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from './errors.ts'

/** Returns the text of a file. Throws CLI_READ. */
export const readText = (path: string): string => new TextDecoder().decode(readBytes(path))

/** Returns the bytes of a file. Throws CLI_READ. */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Returns CLI_READ with the system's reason. */
export const unreadable = (path: string, error: unknown): CliError =>
  new CliError('CLI_READ', `${path} cannot be read (${reason(error)}); name a file that exists`)

/** Writes a text file, with the folders above it. Throws CLI_WRITE. */
export const writeText = (path: string, text: string): void => writeFile(path, text)

/** Writes a file, with the folders above it. Throws CLI_WRITE. */
export const writeBytes = (path: string, bytes: Uint8Array): void => writeFile(path, bytes)

/** Writes a new file that only its user may read. Throws CLI_WRITE, also if there is a file. */
export function writeSecret(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw unwritable(path, codeOf(error) === 'EEXIST' ? 'there is one already' : reason(error))
  }
}

function writeFile(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  } catch (error) {
    throw unwritable(path, reason(error))
  }
}

/** Throws early, before a long search, if {@link writeText} cannot write there. Throws CLI_WRITE. */
export function assertWritable(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw unwritable(path, 'it is a folder')
  for (let above = dirname(path); ; above = dirname(above)) {
    let found: ReturnType<typeof statSync> | undefined
    try {
      found = statSync(above)
    } catch (error) {
      if (codeOf(error) === 'ENOENT' && dirname(above) !== above) continue
      throw unwritable(path, reason(error))
    }
    if (found.isDirectory()) return
    throw unwritable(path, `${above} is not a folder`)
  }
}

const unwritable = (path: string, why: string): CliError =>
  new CliError('CLI_WRITE', `${path} cannot be written (${why}); name another file`)

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const reason = (error: unknown): string => {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'no such file or folder'
    case 'EISDIR':
      return 'it is a folder'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission denied'
    case 'ERR_FS_FILE_TOO_LARGE':
      return 'it is larger than 2 GiB'
    default:
      return codeOf(error) ?? String(error)
  }
}
