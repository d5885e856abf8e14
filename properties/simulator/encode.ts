import type { PlanePlan } from './controllers/plan.ts'
import type { Plan } from './plan.ts'

/** A plan file's text: the same plan is the same text, and an action is a line, so that differences read well. */
export function encodePlan({ actions, ...header }: Plan | PlanePlan): string {
  const lines = Object.entries(header).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${JSON.stringify(key)}: ${JSON.stringify(value)},`],
  )
  const list = actions.map(action => `    ${JSON.stringify(action)}`).join(',\n')
  return `{\n${lines.join('\n')}\n  "actions": ${list === '' ? '[]' : `[\n${list}\n  ]`}\n}\n`
}
