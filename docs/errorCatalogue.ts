/** Writes docs/errors.md from the tables of errors. `npm run docs` runs it; a test holds the page equal to the tables. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKER_ERRORS } from '../checker/ir/errors.ts'
import { LOWER_ERRORS } from '../checker/lower/errors.ts'
import type { ErrorTable } from '../checker/text/errors.ts'
import { TRACE_ERRORS } from '../checker/trace/errors.ts'
import { CLI_ERRORS } from '../cli/errors.ts'
import { ADMIN_ERRORS } from '../impl/admin/errors.ts'
import { CONTROLLER_ERRORS } from '../impl/controller/errors.ts'
import { REGISTRY_ERRORS } from '../impl/controller/registry/errors.ts'
import { SAL_ERRORS } from '../impl/host/errors.ts'
import { SERVICE_ERRORS } from '../impl/host/services/serviceErrors.ts'
import { CAPTURE_ERRORS } from '../impl/link/captured.ts'
import { LINK_ERRORS } from '../impl/link/errors.ts'
import { PROXY_ERRORS } from '../impl/proxy/errors.ts'
import { SOCKET_ERRORS } from '../impl/sockets/errors.ts'
import { STREAM_ERRORS } from '../impl/transport/stream/errors.ts'
import { PLAN_ERRORS } from '../properties/simulator/errors.ts'
import { WIRE_ERRORS } from '../spec/wire/faults.ts'
import { STEPS_ERRORS } from '../traces/steps/errors.ts'

/** Every table of errors by its name, under its heading, in the order of the page. */
export const FAMILIES: Readonly<Record<string, Readonly<Record<string, ErrorTable>>>> = {
  Commands: { CLI_ERRORS },
  Sockets: { SOCKET_ERRORS },
  'Service names and rules': { SERVICE_ERRORS },
  'The proxy': { PROXY_ERRORS },
  Controllers: { CONTROLLER_ERRORS },
  Registries: { REGISTRY_ERRORS },
  'Running stacks': { ADMIN_ERRORS },
  Hosts: { SAL_ERRORS },
  Streams: { STREAM_ERRORS },
  Links: { LINK_ERRORS },
  Captures: { CAPTURE_ERRORS },
  Packets: { WIRE_ERRORS },
  'The checker': { CHECKER_ERRORS },
  Lowering: { LOWER_ERRORS },
  Traces: { TRACE_ERRORS },
  'Logs of steps': { STEPS_ERRORS },
  'Plans of the simulator': { PLAN_ERRORS },
}

export function catalogue(): string {
  const sections = Object.entries(FAMILIES).map(([title, tables]) => {
    const rows = Object.values(tables)
      .flatMap(table => Object.entries(table))
      .map(([code, [meaning, remedy]]) => `| \`${code}\` | ${meaning} | ${remedy} |`)
    return [`## ${title}`, '', '| code | meaning | what to do |', '|---|---|---|', ...rows].join('\n')
  })
  return `${['# Error codes', HEAD, ...sections].join('\n\n')}\n`
}

const HEAD =
  'Every error has a stable code. The message adds the thing it is about and a remedy. `npm run docs` writes this page from the sources.'

if (process.argv[1] === import.meta.filename)
  writeFileSync(join(import.meta.dirname, 'errors.md'), catalogue())
