import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeMarkup } from './markup.ts'

/** The parts of a page. `body` is trusted markup, `title` is plain text. */
export interface Page {
  readonly title: string
  /** Names the page's own style sheet and script in `browser/`. */
  readonly kind: 'chart' | 'trace'
  readonly body: string
}

/** Prints a self-contained page. Its content policy forbids it to load anything. */
export function page({ title, kind, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title>
<style>
${browserFile('page.css')}
${browserFile(`${kind}.css`)}
</style>
</head>
<body>
${body}
<script>
'use strict'
${browserFile(`${kind}.js`)}
</script>
</body>
</html>
`
}

/** Returns the text of a file that runs in the browser. */
function browserFile(name: string): string {
  return readFileSync(join(import.meta.dirname, 'browser', name), 'utf8').trimEnd()
}
