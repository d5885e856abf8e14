const SENTENCES = {
  CHART001:
    'has states of its own: only flat states can be drawn, so move them up or into a region of their own',
  CHART002: 'has no initial state: name one, or check that this is a region with states',
  CHART003: 'has a transition into another region: let that region take the event itself',
} as const

/** Why a machine cannot be drawn. */
export type ChartErrorCode = keyof typeof SENTENCES

/** A machine that cannot be drawn; the message names the state and says what to do. */
export class ChartError extends Error {
  readonly code: ChartErrorCode

  constructor(code: ChartErrorCode, where: string) {
    super(`${code}: ${where} ${SENTENCES[code]}.`)
    this.name = 'ChartError'
    this.code = code
  }
}
