// Prints "N passed, N failed" from vitest's JSON report: node .ci/summary.js REPORT STATUS
import { readFileSync } from 'node:fs'

const [, , path, status] = process.argv
const report = JSON.parse(readFileSync(path, 'utf8') || '{}')
const passed = report.numPassedTests ?? 0
// What fails outside a test (types, lint, a file that does not load) is one failure too.
const failed = report.numFailedTests || (status === '0' ? 0 : 1)
console.log(`${passed} passed, ${failed} failed`)
