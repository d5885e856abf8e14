import { escapeMarkup } from './markup.ts'

/** The parts of a page; `style`, `body` and `script` are trusted, `title` is text. */
export interface Page {
  readonly title: string
  readonly style: string
  readonly body: string
  readonly script: string
}

/** What both pages look like; a variable a colour, so that the dark theme is one more list. */
const STYLE = `:root { color-scheme: light dark; --paper: #ffffff; --panel: #f6f8fa; --ink: #1f2328; --quiet: #59636e; --line: #d0d7de; --accent: #0550ae; --chosen: #ddeaff; --changed: #fff1c2; --bad: #b3261e; --bad-paper: #ffebe9; --good: #1a7f37; --good-paper: #dafbe1 }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --panel: #161c24; --ink: #e6edf3; --quiet: #9aa4af; --line: #343d48; --accent: #79b8ff; --chosen: #1d3557; --changed: #4a3c0c; --bad: #ff8f87; --bad-paper: #3d1513; --good: #57c76b; --good-paper: #12311b } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif }
h1 { font-size: 18px; margin: 0 }
code, td, th, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 12.5px }
header { padding: 12px 20px; border-bottom: 1px solid var(--line); display: flex; gap: 20px; align-items: baseline; flex-wrap: wrap }
header p { margin: 0; color: var(--quiet) }
table { border-collapse: collapse }
th, td { text-align: left; vertical-align: top; padding: 2px 12px 2px 0 }
th { color: var(--quiet); font-weight: normal }`

/** A page that needs nothing but itself, and is not allowed anything else. */
export function page({ title, style, body, script }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title>
<style>
${STYLE}
${style}
</style>
</head>
<body>
${body}
<script>
${script}
</script>
</body>
</html>
`
}
