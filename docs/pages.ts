/** What the tests of the documents read out of Markdown: blocks, spans of code, links, tables, headings. */

import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { at, must } from '../checker/text/at.ts'

export const root = dirname(import.meta.dirname)

/** A fenced block of code, with the language that its fence names. */
export interface Block {
  readonly language: string
  readonly text: string
}

export interface Page {
  /** From the root of the repository, such as `docs/checker.md`. */
  readonly path: string
  readonly text: string
  /** The text without fenced blocks. */
  readonly prose: string
  readonly blocks: readonly Block[]
  /** What stands between backticks in the prose. */
  readonly spans: readonly string[]
  /** Targets of links and images, as written. */
  readonly links: readonly string[]
  /** Anchors of the headings, as GitHub makes them. */
  readonly anchors: readonly string[]
}

const FENCE = /^```(\w*)\n(.*?)^```$/gms

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8')
  const prose = text.replace(FENCE, '')
  const found = (pattern: RegExp, within = prose) => [...within.matchAll(pattern)].map(match => at(match, 1))
  return {
    path,
    text,
    prose,
    blocks: [...text.matchAll(FENCE)].map(([, language, body]) => ({
      language: must(language),
      text: must(body),
    })),
    spans: found(/`([^`\n]+)`/g),
    links: [...found(/\]\(([^)\s]+)\)/g), ...found(/\b(?:href|src)="([^"]+)"/g)],
    anchors: found(/^#+ (.*)$/gm).map(anchorOf),
  }
}

export const pages: readonly Page[] = [...globSync(['*.md', 'docs/*.md'], { cwd: root }).sort()].map(readPage)

export const page = (path: string): Page => {
  const found = pages.find(one => one.path === path)
  if (!found) throw new Error(`there is no page ${path}`)
  return found
}

/** The rows, cell by cell, of the first table whose heading begins with `first`. */
export function tableOf({ path, prose }: Page, first: string): readonly (readonly string[])[] {
  const lines = prose.split('\n')
  const heading = lines.findIndex(line => line.startsWith(`| ${first} |`))
  if (heading < 0) throw new Error(`${path} has no table that begins with '${first}'`)
  const rest = lines.slice(heading + 2)
  const end = rest.findIndex(line => !line.startsWith('|'))
  return rest.slice(0, end < 0 ? rest.length : end).map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
}

/** The names in the first column of a table, several to a cell, with or without backticks. */
export const namesIn = (of: Page, first: string): string[] =>
  tableOf(of, first).flatMap(([cell]) =>
    must(cell)
      .split(',')
      .map(name => name.trim().replaceAll(/[`*]/g, '')),
  )
