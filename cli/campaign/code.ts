import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { __version as fastCheck } from 'fast-check'

/** This folder lies two below the folder of all rooms, built or not. */
const root = join(import.meta.dirname, '../..')
/** The rooms that decide what a unit does, and what its reply means. */
const ROOMS = 'checker spec impl properties traces cli/campaign cli/check cli/fuzz cli/simulate'.split(' ')
const isCode = (path: string): boolean =>
  /\.[tj]s$/.test(path) && !/\.(test|long|d)\.\w+$|\/testing\//.test(path)

/** 64 bits: no two versions will share them by accident. */
const DIGITS = 16

let hash: string | undefined

/**
 * Returns the hash of the code that works on units. Two processes with the same hash compute the same reply for the same
 * unit. A machine's own hash would not cover weights, walks and hosts. The package fast-check draws the walks.
 */
export function codeHash(): string {
  hash ??= hashOf()
  return hash
}

function hashOf(): string {
  const sum = createHash('sha256').update(fastCheck)
  const paths = ROOMS.flatMap(room =>
    readdirSync(join(root, room), { encoding: 'utf8', recursive: true }).map(name => `${room}/${name}`),
  ).filter(isCode)
  for (const path of paths.sort()) sum.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  return sum.digest('hex').slice(0, DIGITS)
}
