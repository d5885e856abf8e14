/** Fetches Node's tests from Debian's source package `nodejs`, with lists and a cache of its own beside them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SUITE = 'sid'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const HELPER = '/usr/lib/apt/apt-helper'
/** A version of the package. The archive lists some whose files it has no more. */
const VERSION = /^Version: (\S+)$/gm
/** A line of `apt-get source --print-uris`: address, name, bytes, hash. */
const TARBALL = /^'(?<uri>\S+)' (?<name>nodejs_\S+\.orig\.tar\.xz) \d+ SHA256:(?<hash>\S+)$/m

const read = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8' })

/** Downloads the tarball of a version into `folder`. Returns its file, or undefined if the archive lacks it. */
function download(version: string, options: readonly string[], folder: string): string | undefined {
  const uris = read('apt-get', [...options, 'source', '--print-uris', `nodejs=${version}`])
  const { uri = '', name = '', hash = '' } = TARBALL.exec(uris)?.groups ?? {}
  const file = join(folder, name)
  const { status } = spawnSync(HELPER, ['download-file', uri, file, `SHA256:${hash}`])
  return status === 0 ? file : undefined
}

/** Returns the directory of Node's sources below `folder`. Fetches them, unless they are there. */
export function unpackNode(folder: string): string {
  const sources = join(folder, 'node')
  if (existsSync(join(sources, 'test', 'parallel'))) return sources
  for (const part of ['lists/partial', 'cache/archives/partial', 'node'])
    mkdirSync(join(folder, part), { recursive: true })
  const list = join(folder, 'sources.list')
  writeFileSync(list, `deb-src [signed-by=${KEYRING}] http://deb.debian.org/debian ${SUITE} main\n`)
  const settings = {
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '-',
    'Acquire::ForceHash': 'sha256',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  execFileSync('apt-get', [...options, 'update'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const versions = [...read('apt-cache', [...options, 'showsrc', 'nodejs']).matchAll(VERSION)].map(
    ([, one]) => `${one}`,
  )
  const file = versions
    .map(version => () => download(version, options, folder))
    .reduce<string | undefined>((found, get) => found ?? get(), undefined)
  if (file === undefined)
    throw new Error(`Debian's ${SUITE} has no source of nodejs; give the directory of Node's sources`)
  execFileSync('tar', ['xJf', file, '-C', sources, '--strip-components=1', '--wildcards', '*/test/*'])
  return sources
}
